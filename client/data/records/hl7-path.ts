import type { Hl7Delimiters } from './hl7-message.ts';

/** A place in a segment; all from 1. */
export interface Hl7Path {
  readonly segment: string;
  readonly field: number;
  readonly repetition: number | undefined;
  readonly component: number;
  readonly subcomponent: number;
}

/**
 * Reads `PID-3`, `PID-3.1`, `PID-3[2].1` or `PID-3.4.2`. Without a component the first is meant, and likewise below.
 * Undefined for any other text.
 */
export function parseHl7Path(text: string): Hl7Path | undefined {
  const match =
    /^([A-Z][A-Z0-9]{2})-([1-9]\d{0,2})(?:\[([1-9]\d{0,2})\])?(?:\.([1-9]\d{0,2})(?:\.([1-9]\d{0,2}))?)?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, segment = '', field, repetition, component = '1', subcomponent = '1'] = match;
  return {
    segment,
    field: Number(field),
    repetition: repetition === undefined ? undefined : Number(repetition),
    component: Number(component),
    subcomponent: Number(subcomponent),
  };
}

/** Fields of results that hold a time, which is given as ISO 8601 rather than as sent. */
const TIMES: ReadonlySet<string> = new Set(
  (
    'MSH-7 EVN-2 PID-7 PID-29 PV1-44 PV1-45 ORC-7 ORC-9 ORC-15 ' +
    'OBR-6 OBR-7 OBR-8 OBR-14 OBR-22 OBR-36 OBX-12 OBX-14 OBX-19 SPM-17 SPM-18 DG1-5 TXA-4 TXA-6'
  ).split(' '),
);

/**
 * What stands at a place: escapes resolved, times of known fields as ISO 8601. Undefined where it is empty or the null
 * `""`. `repetitions` counts how often the field comes, for a path that names none.
 */
export function valueAtPath(
  fields: readonly string[],
  path: Hl7Path,
  delimiters: Hl7Delimiters,
): { readonly value: string | undefined; readonly repetitions: number } {
  if (path.segment === 'MSH' && path.field <= 2) {
    return { value: path.field === 1 ? delimiters.field : fields[1], repetitions: 1 };
  }
  const field = fields[path.segment === 'MSH' ? path.field - 1 : path.field] ?? '';
  const repetitions = part(field, delimiters.repetition);
  const chosen = repetitions[(path.repetition ?? 1) - 1] ?? '';
  const component = part(chosen, delimiters.component)[path.component - 1] ?? '';
  const raw = part(component, delimiters.subcomponent)[path.subcomponent - 1] ?? '';
  const text = withoutEscapes(raw, delimiters).trim();
  const isTime = path.component === 1 && TIMES.has(`${path.segment}-${path.field}`);
  const value = text === '' || text === '""' ? undefined : isTime ? isoTime(text) : text;
  return { value, repetitions: path.repetition === undefined ? repetitions.length : 1 };
}

function part(text: string, delimiter: string): string[] {
  return delimiter === '' ? [text] : text.split(delimiter);
}

/** Chapter 2.7: `\F\` and its like are delimiters, `\Xhh…\` bytes, `\.br\` a new line; what only formats is left out. */
function withoutEscapes(text: string, delimiters: Hl7Delimiters): string {
  const { escaping } = delimiters;
  if (escaping === '' || !text.includes(escaping)) return text;
  const pieces = text.split(escaping);
  // Between each pair of escape characters stands one sequence; a last one without its end is text.
  return pieces
    .map((piece, i) => {
      if (i % 2 === 0) return piece;
      if (i === pieces.length - 1) return escaping + piece;
      return sequence(piece, delimiters);
    })
    .join('');
}

function sequence(code: string, delimiters: Hl7Delimiters): string {
  switch (code) {
    case 'F':
      return delimiters.field;
    case 'S':
      return delimiters.component;
    case 'T':
      return delimiters.subcomponent;
    case 'R':
      return delimiters.repetition;
    case 'E':
      return delimiters.escaping;
    case '.br':
      return '\n';
    default:
      return /^X([0-9A-F]{2})+$/i.test(code) ? Buffer.from(code.slice(1), 'hex').toString('utf8') : '';
  }
}

/** `20240131123000.5+0100` as `2024-01-31T12:30:00.5+01:00`, to the precision that it has; another text as it is. */
function isoTime(text: string): string {
  const match = /^(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?(\d\d(?:\.\d{1,6})?)?)?([+-]\d{4})?$/.exec(text);
  if (match === null) return text;
  const [, year, month, day, hour, minute = '00', second, zone = ''] = match;
  const date = [year, month, day].filter((each) => each !== undefined).join('-');
  if (hour === undefined) return date;
  const offset = zone === '' ? '' : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  return `${date}T${hour}:${minute}${second === undefined ? '' : `:${second}`}${offset}`;
}
