import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, DuckDBTypeId, StatementType } from '@duckdb/node-api';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { plural } from '../../shared/core/plural.ts';
import { fillRecordTable, type RecordTableRead } from './records/fill-table.ts';
import type { RecordSource } from './records/record-source.ts';
import type { LeftOut, SetAside } from './set-aside.ts';
import { identifier, literal } from './sql-text.ts';
import type { Column, Table } from './table.ts';
import { translateSqlError } from './table-errors.ts';
import { dataFolder, tableFile, tableFormat } from './table-files.ts';
import { plainSource, type RowSource, type TableSource } from './table-source.ts';

export interface TablesOptions {
  /** Only files below this folder can be read. */
  readonly dataDir: string;
  /** Whose tables these are, in messages: `site north`. */
  readonly owner: string;
  /** Tables declared in the site file, by the name that SQL uses. */
  readonly tables: ReadonlyMap<string, TableSource>;
  /** Everything that will be asked: a file is opened only if it is named here. */
  readonly sources: readonly RowSource[];
  /** Columns of patient ids, codes and the like, read as text so that `007` stays `007`. */
  readonly idColumns: ReadonlySet<string>;
  /** Clinical records declared in the site file, by the name that SQL uses; read if a source names them. */
  readonly records?: ReadonlyMap<string, RecordSource>;
}

/**
 * A site's files as tables for SQL: the one door to DuckDB. Each file is a view under its declared name or its path;
 * once they are registered the engine is cut off from everything else and its settings are locked. Close it after use.
 */
export class Tables {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #owner: string;
  /** What the reading of clinical records set aside, by table; only tables that have some. */
  readonly setAside: ReadonlyMap<string, readonly SetAside[]>;
  readonly leftOut: readonly LeftOut[];

  private constructor(
    engine: { instance: DuckDBInstance; connection: DuckDBConnection },
    owner: string,
    records: ReadonlyMap<string, RecordTableRead>,
  ) {
    this.#instance = engine.instance;
    this.#connection = engine.connection;
    this.#owner = owner;
    const setAside = [...records].map(([name, read]) => [name, read.setAside] as const);
    this.setAside = new Map(setAside.filter(([, entries]) => entries.length > 0));
    this.leftOut = [...records.values()].flatMap((read) => read.leftOut);
  }

  /**
   * @throws ConsiliumError `FILE_UNREADABLE` for a folder or file that is absent, empty, of another kind or outside of
   * the data folder; `DATA_INVALID` for one whose content is no table.
   */
  static async open(options: TablesOptions): Promise<Tables> {
    const folder = dataFolder(options.dataDir);
    const views = [...namedSources(options, folder)].map(([name, source]) => {
      const files = source.files.map((file) => tableFile(folder, file, options.owner));
      return { name, source, files };
    });
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: '1GB',
      temp_directory: '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    try {
      const allowed = views.flatMap((view) => view.files);
      await connection.run(`set allowed_paths = [${allowed.map(literal).join(', ')}]`);
      await connection.run('set enable_external_access = false');
      // Times with an offset are shown in this zone, whatever the machine's own is.
      await connection.run("set TimeZone = 'UTC'");
      for (const view of views) {
        await createView(connection, { ...view, where: options.owner, idColumns: options.idColumns });
      }
      const records = new Map<string, RecordTableRead>();
      for (const [name, source] of neededRecords(options)) {
        const where = `${options.owner}: table ${name}`;
        const table = { name, source, folder, where, idColumns: options.idColumns };
        try {
          records.set(name, await fillRecordTable(connection, table));
        } catch (error) {
          throw translateSqlError(error, where);
        }
      }
      await connection.run('set lock_configuration = true');
      return new Tables({ instance, connection }, options.owner, records);
    } catch (error) {
      connection.closeSync();
      instance.closeSync();
      throw error;
    }
  }

  /**
   * @param what names the rows in messages, e.g. `patients`.
   * @throws ConsiliumError `DATA_INVALID` when the query is no single SELECT, names a table or column that is not
   * there, gives two columns one name, or meets a cell that it cannot convert.
   */
  async read(source: RowSource, what: string): Promise<Table> {
    const where = `${this.#owner}: ${what}`;
    try {
      return await readQuery(this.#connection, queryOf(source), where);
    } catch (error) {
      throw translateSqlError(error, where);
    }
  }

  /** As {@link read}, of no rows: what columns there are and of what kind. */
  async readColumns(source: RowSource, what: string): Promise<Table> {
    return await this.read(
      { kind: 'sql', sql: `select * from (\n${bodyOf(queryOf(source))}\n) limit 0` },
      what,
    );
  }

  /**
   * Keeps rows of texts in memory under a name that later queries can use, in place of what stood there.
   * @param columns [rows] of texts each, by name; undefined is an empty cell.
   */
  async keepRows(
    name: string,
    columns: Readonly<Record<string, readonly (string | undefined)[]>>,
  ): Promise<void> {
    const names = Object.keys(columns).map((column) => `${identifier(column)} varchar`);
    await this.#connection.run(`create or replace temp table ${identifier(name)} (${names.join(', ')})`);
    const appender = await this.#connection.createAppender(name);
    const cells = Object.values(columns);
    for (let row = 0; row < (cells[0]?.length ?? 0); row++) {
      for (const column of cells) {
        const value = column[row];
        if (value === undefined) appender.appendNull();
        else appender.appendVarchar(value);
      }
      appender.endRow();
    }
    appender.closeSync();
  }

  /**
   * Keeps the rows of a query in memory under a name that later queries can use, in place of what stood there.
   * @param query one of our own making; a text of the site is checked by {@link readColumns} before it is part of one.
   * @throws ConsiliumError `DATA_INVALID` as {@link read}.
   */
  async keepQuery(name: string, query: string, what: string): Promise<void> {
    try {
      await this.#connection.run(`create or replace temp table ${identifier(name)} as ${query}`);
    } catch (error) {
      throw translateSqlError(error, `${this.#owner}: ${what}`);
    }
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/** The query that a source stands for. */
export function queryOf(source: RowSource): string {
  return source.kind === 'sql' ? source.sql : `select * from ${identifier(source.name)}`;
}

/** A query as it can stand in brackets, which need lines of their own: it may end in a comment. */
export function bodyOf(sql: string): string {
  return sql.trim().replace(/;$/, '');
}

/** Reading records takes long, so those are left out that no source can mean. */
function neededRecords({ records, sources }: TablesOptions): [string, RecordSource][] {
  return [...(records ?? [])].filter(([name]) =>
    sources.some((source) =>
      source.kind === 'sql'
        ? source.sql.toLowerCase().includes(name.toLowerCase())
        : source.name.toLowerCase() === name.toLowerCase(),
    ),
  );
}

/** The declared tables, and every file that a source names: as a whole, or between quotes in SQL. */
function namedSources(options: TablesOptions, folder: string): Map<string, TableSource> {
  const named = new Map(options.tables);
  for (const source of options.sources) {
    const paths = source.kind === 'table' ? [source.name] : quotedFiles(source.sql, folder);
    for (const path of paths) {
      if (!named.has(path) && options.records?.has(path) !== true) named.set(path, plainSource(path));
    }
  }
  return named;
}

/** The files named between quotes of either kind in a text of SQL; other quoted texts are values or columns. */
function quotedFiles(sql: string, folder: string): string[] {
  return [...sql.matchAll(/'([^'\n]+)'|"([^"\n]+)"/g)]
    .map((match) => (match[1] ?? match[2]) as string)
    .filter((text) => tableFormat(text) !== undefined && existsSync(join(folder, text)));
}

interface View {
  readonly name: string;
  readonly source: TableSource;
  /** Real paths. */
  readonly files: readonly string[];
  readonly where: string;
  readonly idColumns: ReadonlySet<string>;
}

async function createView(connection: DuckDBConnection, view: View): Promise<void> {
  const where = `${view.where}: table ${view.name}`;
  try {
    const described = await connection.runAndReadAll(`describe select * from ${scan(view, undefined)}`);
    const columns = described.getRows().map((row) => ({ name: String(row[0]), type: String(row[1]) }));
    const expected = view.source.columns?.length ?? columns.length;
    if (columns.length !== expected) {
      throw new ConsiliumError(
        'DATA_INVALID',
        `${where}: expected ${plural(expected, 'column')} as listed, got ${columns.length}`,
        {
          hint: 'List one name per column of the file, in its order.',
        },
      );
    }
    const typed = columns.map(({ name, type }) => ({
      name,
      type: view.idColumns.has(name) ? 'VARCHAR' : type,
    }));
    await connection.run(`create view ${identifier(view.name)} as select * from ${scan(view, typed)}`);
  } catch (error) {
    throw translateSqlError(error, where);
  }
}

/**
 * The table function that reads the files of a view; nothing about the shape of a text file is guessed but the types of
 * its columns, from all of its lines, and that once: with `typed` columns nothing is.
 */
function scan(view: View, typed: readonly { name: string; type: string }[] | undefined): string {
  const files = `[${view.files.map(literal).join(', ')}]`;
  const first = view.files[0] ?? '';
  switch (tableFormat(first)) {
    case 'parquet':
      return `read_parquet(${files})`;
    case 'json':
      return `read_json(${files}, sample_size = -1)`;
    default: {
      const { header, columns, missing, delimiter } = view.source;
      const types = typed?.map(({ name, type }) => `${literal(name)}: ${literal(type)}`);
      const named = columns === undefined ? [] : [`names = [${columns.map(literal).join(', ')}]`];
      const settings = [
        `delim = ${literal(delimiter ?? (/\.tsv(\.\w+)?$/i.test(first) ? '\t' : ','))}`,
        `quote = '"', escape = '"', comment = '', skip = 0, strict_mode = true, null_padding = false`,
        `header = ${header ?? true}`,
        `nullstr = [${['', ...missing].map(literal).join(', ')}]`,
        ...(types === undefined
          ? ['sample_size = -1', ...named]
          : [`auto_detect = false, columns = {${types.join(', ')}}`]),
      ];
      return `read_csv(${files}, ${settings.join(', ')})`;
    }
  }
}

async function readQuery(connection: DuckDBConnection, sql: string, where: string): Promise<Table> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) {
    throw new ConsiliumError(
      'DATA_INVALID',
      `${where}: expected one SELECT, got ${plural(statements.count, 'statement')}`,
    );
  }
  const statement = await statements.prepare(0);
  if (statement.statementType !== StatementType.SELECT) {
    throw new ConsiliumError('DATA_INVALID', `${where}: expected a SELECT, got another statement`, {
      hint: 'A site file only reads: prepare tables with your own tools.',
    });
  }
  const names = Array.from({ length: statement.columnCount }, (_, i) => statement.columnName(i));
  const twice = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  if (twice.length > 0) {
    throw new ConsiliumError(
      'DATA_INVALID',
      `${where}: expected each column once, got ${twice.join(', ')} twice`,
      {
        hint: 'Name columns apart with AS, or list them in place of *.',
      },
    );
  }
  const isText = names.map((_, i) => !NUMERIC.has(statement.columnTypeId(i)));
  statement.destroySync();
  const casts = names.map(
    (name, i) => `cast(${identifier(name)} as ${isText[i] ? 'varchar' : 'double'}) as ${identifier(name)}`,
  );
  const reader = await connection.runAndReadAll(`select ${casts.join(', ')} from (\n${bodyOf(sql)}\n)`);
  const cells = reader.getColumns();
  const columns = names.map((name, i): [string, Column] => {
    const values = cells[i] ?? [];
    if (isText[i])
      return [
        name,
        { kind: 'text', values: values.map((value) => (value === null ? undefined : `${value}`)) },
      ];
    const isNull = Uint8Array.from(values, (value) => (value === null ? 1 : 0));
    return [
      name,
      { kind: 'number', values: Float64Array.from(values, (value) => Number(value ?? Number.NaN)), isNull },
    ];
  });
  return { source: where, rows: reader.currentRowCount, columns: new Map(columns) };
}

/** Types whose values a float64 holds; the rest, dates and truth values among them, are read as text. */
const NUMERIC: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);
