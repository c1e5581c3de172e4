import { bytesOf } from '../../shared/core/bytes.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';

/**
 * JSON for domain values that hold maps, sets, float64 arrays and `undefined`: each becomes an object with one key
 * that starts with `$`. Numbers come back bit for bit; a float64 array of mostly zeros is stored by its entries.
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, function (this: unknown, _key, part: unknown) {
    if (part === undefined) return Array.isArray(this) ? { $undefined: true } : undefined;
    if (part instanceof Map) return { $map: [...part] };
    if (part instanceof Set) return { $set: [...part] };
    if (part instanceof Float64Array) return encodeArray(part);
    if (typeof part === 'number' && !Number.isFinite(part)) return { $number: String(part) };
    return part;
  });
}

/** @throws ConsiliumError `STATE_CORRUPT` unless `text` came from {@link encodeJson}. */
export function decodeJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, part: unknown) => {
      if (typeof part !== 'object' || part === null) return part;
      // An element that was `undefined` is a hole by now: fill it.
      if (Array.isArray(part)) return Array.from(part as unknown[]);
      const [tag, value] = Object.entries(part)[0] ?? [];
      if (tag === '$map') return new Map(value as [unknown, unknown][]);
      if (tag === '$set') return new Set(value as unknown[]);
      if (tag === '$undefined') return undefined;
      if (tag === '$number') return Number(value);
      if (tag === '$f64') return fromBase64(value as string);
      if (tag === '$f64-sparse') return fromEntries(value as SparseArray);
      return part;
    });
  } catch (cause) {
    throw new ConsiliumError('STATE_CORRUPT', 'event payload: expected JSON of this program', { cause });
  }
}

interface SparseArray {
  readonly length: number;
  readonly at: readonly number[];
  readonly values: string;
}

function encodeArray(array: Float64Array): unknown {
  const at: number[] = [];
  for (let i = 0; i < array.length; i++) if (!Object.is(array[i], 0)) at.push(i);
  if (at.length * 2 > array.length) return { $f64: toBase64(array) };
  const values = Float64Array.from(at, (i) => array[i] as number);
  return { '$f64-sparse': { length: array.length, at, values: toBase64(values) } };
}

function fromEntries({ length, at, values }: SparseArray): Float64Array {
  const array = new Float64Array(length);
  const entries = fromBase64(values);
  for (const [k, i] of at.entries()) array[i] = entries[k] as number;
  return array;
}

function toBase64(array: Float64Array): string {
  return Buffer.from(bytesOf(array)).toString('base64');
}

function fromBase64(text: string): Float64Array {
  return new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}
