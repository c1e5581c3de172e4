import { z } from 'zod';
import { bytesOf } from '../core/bytes.ts';
import { ConsiliumError } from '../core/errors.ts';

/**
 * The safetensors format: 8 bytes, the length of the header as little-endian integer; the header, JSON from tensor
 * names to dtype, shape and place; the values, row-major and little-endian, one tensor behind the other.
 */

/** One tensor of a file, whatever its dtype was. */
export interface NamedTensor {
  readonly shape: readonly number[];
  /** Row-major; as many as the shape says. */
  readonly values: Float32Array;
}

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 16 * 2 ** 20;
const MAX_TENSORS = 10_000;
/** 1 GiB as float32, over all tensors. */
const MAX_VALUES = 2 ** 28;
export const MAX_SAFETENSORS_BYTES = LENGTH_BYTES + MAX_HEADER_BYTES + 4 * MAX_VALUES;

const METADATA = '__metadata__';
const WIDTH = { F32: 4, F16: 2, BF16: 2 } as const;

const entrySchema = z.strictObject({
  dtype: z.enum(['F32', 'F16', 'BF16']),
  shape: z.array(z.int().min(0).max(MAX_VALUES)).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

interface Entry {
  readonly name: string;
  readonly dtype: keyof typeof WIDTH;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a file of F32, F16 and BF16 tensors. Everything is compared before anything is allocated: the tensors must fill
 * the file without a gap or an overlap. @param bytes borrowed; the tensors are copies. @param file for messages only.
 * @throws ConsiliumError `WEIGHTS_INVALID`, also for values that are not finite.
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): ReadonlyMap<string, NamedTensor> {
  const { header, data } = parts(bytes, file);
  const entries = header.map(([name, value]) => entryOf(name, value, file));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) {
      throw invalid(
        file,
        `tensor ${shown(entry.name)}: expected its values from byte ${end}, got ${entry.begin}`,
      );
    }
    end = entry.end;
  }
  if (end !== data.length) throw invalid(file, `expected ${end} bytes of values, got ${data.length}`);
  return new Map(
    entries.map((entry) => {
      const values = toFloat32(data.subarray(entry.begin, entry.end), entry.dtype);
      if (!values.every(Number.isFinite)) {
        throw invalid(file, `tensor ${shown(entry.name)}: expected finite values, got others`);
      }
      return [entry.name, { shape: entry.shape, values }];
    }),
  );
}

/** The same tensors and metadata give the same bytes. All tensors as F32, in their order. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let end = 0;
  const entries = [...tensors].map(([name, { shape, values }]) => {
    const begin = end;
    end += values.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const;
  });
  const json = JSON.stringify({ [METADATA]: metadata, ...Object.fromEntries(entries) });
  // Blanks, so that the values begin at a multiple of 8, where a reader may map them.
  const text = Buffer.from(json);
  const header = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...[...tensors.values()].map(({ values }) => bytesOf(values))]);
}

function parts(
  bytes: Uint8Array,
  file: string,
): { readonly header: readonly (readonly [string, unknown])[]; readonly data: Uint8Array } {
  if (!(bytes.length >= LENGTH_BYTES && bytes.length <= MAX_SAFETENSORS_BYTES)) {
    throw invalid(file, `expected ${LENGTH_BYTES} to ${MAX_SAFETENSORS_BYTES} bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  const most = Math.min(MAX_HEADER_BYTES, bytes.length - LENGTH_BYTES);
  if (length > BigInt(most)) throw invalid(file, `expected a header of at most ${most} bytes, got ${length}`);
  const start = LENGTH_BYTES + Number(length);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, start), file);
  const entries = Object.entries(header).filter(([name]) => name !== METADATA);
  if (entries.length > MAX_TENSORS)
    throw invalid(file, `expected at most ${MAX_TENSORS} tensors, got ${entries.length}`);
  return { header: entries, data: bytes.subarray(start) };
}

function parseHeader(bytes: Uint8Array, file: string): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(file, 'expected a header in JSON, got something else', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(file, 'expected a header that maps names to tensors, got another value');
  }
  return value;
}

function entryOf(name: string, value: unknown, file: string): Entry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? '' : ` ${issue.path.join('.')}`;
    const problem =
      issue?.path[0] === 'dtype'
        ? 'expected F32, F16 or BF16, got another'
        : 'expected a sound entry, got another';
    throw invalid(file, `tensor ${shown(name)}${where}: ${problem}`, parsed.error);
  }
  const { dtype, shape, data_offsets } = parsed.data;
  const [begin, end] = data_offsets;
  let size = 1;
  for (const length of shape) {
    size *= length;
    if (!(size <= MAX_VALUES))
      throw invalid(file, `tensor ${shown(name)}: expected at most ${MAX_VALUES} values`);
  }
  if (end - begin !== size * WIDTH[dtype]) {
    throw invalid(
      file,
      `tensor ${shown(name)}: expected ${size * WIDTH[dtype]} bytes for shape [${shape.join(', ')}], got ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** Copied, because the bytes may lie at any address. */
function toFloat32(bytes: Uint8Array, dtype: keyof typeof WIDTH): Float32Array {
  if (dtype === 'F32') {
    const values = new Float32Array(bytes.length / 4);
    bytesOf(values).set(bytes);
    return values;
  }
  const halves = new Uint16Array(bytes.length / 2);
  bytesOf(halves).set(bytes);
  if (dtype === 'F16') return Float32Array.from(halves, fromHalf);
  // The upper half of a float32.
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/** IEEE 754 binary16. */
function fromHalf(half: number): number {
  const sign = half >> 15 === 0 ? 1 : -1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A name from a hostile file, short and without control characters. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

function invalid(file: string, message: string, cause?: unknown): ConsiliumError {
  return new ConsiliumError('WEIGHTS_INVALID', `${file}: ${message}`, {
    cause,
    hint: 'Check that it is a whole safetensors file with weights in F32, F16 or BF16.',
  });
}
