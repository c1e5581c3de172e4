import { type Hl7Message, readMessages } from './hl7-message.ts';
import { type Hl7Path, parseHl7Path, valueAtPath } from './hl7-path.ts';
import type { CellCounts, RecordCell, RecordReader } from './record-rows.ts';
import type { Hl7Source, RecordLimits } from './record-source.ts';

/**
 * One row per segment of the wanted name. Other segments give what their last one before the row says: a result carries
 * its order and its patient. Of a field that repeats the first is used, unless the path names one, and that is counted.
 */
export function hl7Reader(source: Hl7Source, limits: RecordLimits): RecordReader {
  const columns = [...source.columns.values()].map((text) => parseHl7Path(text) as Hl7Path);
  return {
    async *read(path, counts) {
      for await (const item of readMessages(path, limits)) {
        if (item.kind === 'broken') yield item;
        else {
          for (const cells of rowsOf(item.message, { row: source.row, columns, counts }))
            yield { kind: 'row', cells };
        }
      }
    },
  };
}

/** Outer groups of a message of results; a segment ends what stands in deeper ones. */
const LEVELS = ['MSH', 'PID', 'PV1', 'ORC', 'OBR', 'OBX'];

function* rowsOf(
  { segments, delimiters }: Hl7Message,
  options: { row: string; columns: readonly Hl7Path[]; counts: readonly CellCounts[] },
): Generator<readonly RecordCell[], void, undefined> {
  const current = new Map<string, readonly string[]>();
  for (const { name, fields } of segments) {
    // An order of its own may lack the ORC that the order before it had.
    if (name === 'OBR' && current.has('OBR')) current.delete('ORC');
    const level = LEVELS.indexOf(name);
    for (const deeper of level < 0 ? [] : LEVELS.slice(level + 1)) current.delete(deeper);
    if (name === 'PID') {
      for (const known of [...current.keys()]) if (known !== 'MSH') current.delete(known);
    }
    current.set(name, fields);
    if (name !== options.row) continue;
    yield options.columns.map((path, i) => {
      const found = valueAtPath(current.get(path.segment) ?? [], path, delimiters);
      if (found.repetitions > 1) (options.counts[i] as CellCounts).several++;
      return found.value;
    });
  }
}
