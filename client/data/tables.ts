import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, DuckDBTypeId, StatementType } from '@duckdb/node-api';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Column, Table } from './table.ts';
import { translateSqlError } from './table-errors.ts';
import { dataFolder, tableFile, tableFormat } from './table-files.ts';
import { plainSource, type RowSource, type TableSource } from './table-source.ts';

export interface TablesOptions {
  /** Only files below this folder can be read. */
  readonly dataDir: string;
  /** Names the site in messages. */
  readonly site: string;
  /** Tables declared in the site file, by the name that SQL uses. */
  readonly tables: ReadonlyMap<string, TableSource>;
  /** Everything that will be asked: a file is opened only if it is named here. */
  readonly sources: readonly RowSource[];
  /** Columns of patient ids, read as text so that `007` stays `007`. */
  readonly idColumns: ReadonlySet<string>;
}

/**
 * A site's files as tables for SQL: the one door to DuckDB. Each file is a view under its declared name or its path;
 * once they are registered the engine is cut off from everything else and its settings are locked. Close it after use.
 */
export class Tables {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #site: string;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, site: string) {
    this.#instance = instance;
    this.#connection = connection;
    this.#site = site;
  }

  /**
   * @throws ConsiliumError `FILE_UNREADABLE` for a folder or file that is absent, empty, of another kind or outside of
   * the data folder; `DATA_INVALID` for one whose content is no table.
   */
  static async open(options: TablesOptions): Promise<Tables> {
    const folder = dataFolder(options.dataDir);
    const where = `site ${options.site}`;
    const views = [...namedSources(options, folder)].map(([name, source]) => {
      const files = source.files.map((file) => tableFile(folder, file, where));
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
      for (const view of views) {
        await createView(connection, { ...view, where, idColumns: options.idColumns });
      }
      await connection.run('set lock_configuration = true');
      return new Tables(instance, connection, options.site);
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
    const where = `site ${this.#site}: ${what}`;
    const sql = source.kind === 'sql' ? source.sql : `select * from ${identifier(source.name)}`;
    try {
      return await readQuery(this.#connection, sql, where);
    } catch (error) {
      throw translateSqlError(error, where);
    }
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/** The declared tables, and every file that a source names: as a whole, or between quotes in SQL. */
function namedSources(options: TablesOptions, folder: string): Map<string, TableSource> {
  const named = new Map(options.tables);
  for (const source of options.sources) {
    const paths = source.kind === 'table' ? [source.name] : quotedFiles(source.sql, folder);
    for (const path of paths) if (!named.has(path)) named.set(path, plainSource(path));
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
        `${where}: expected ${expected} columns as listed, got ${columns.length}`,
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
      `${where}: expected one SELECT, got ${statements.count} statements`,
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
  const body = sql.trim().replace(/;$/, '');
  const reader = await connection.runAndReadAll(`select ${casts.join(', ')} from (\n${body}\n)`);
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

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
