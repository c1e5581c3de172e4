/** How samples lie in a signal file: signal(5) of the WFDB Applications Guide. */
export interface WfdbFormat {
  /** Samples that are packed together, and the bytes they take. */
  readonly group: { readonly samples: number; readonly bytes: number };
  /** Bytes of the first 1, 2 .. samples of a group that the file's end cuts short. */
  readonly tailBytes: readonly number[];
  /** The stored value that says that nothing was measured. */
  readonly invalid: number | undefined;
  /** Each stored value is the difference to the one before. */
  readonly isDifference: boolean;
  /** Unpacks whole groups. `out` is filled; `bytes` is borrowed and long enough. */
  readonly unpack: (bytes: Uint8Array, out: Int32Array) => void;
}

/** Undefined for a format that is not read here, such as those packed with FLAC (508, 516, 524). */
export function wfdbFormat(code: number): WfdbFormat | undefined {
  return FORMATS.get(code);
}

/** The bytes that the first `samples` samples take. */
export function packedBytes(format: WfdbFormat, samples: number): number {
  const { group, tailBytes } = format;
  const tail = samples % group.samples;
  return (
    Math.floor(samples / group.samples) * group.bytes + (tail === 0 ? 0 : (tailBytes[tail - 1] as number))
  );
}

/** The samples that `bytes` bytes hold wholly. */
export function packedSamples(format: WfdbFormat, bytes: number): number {
  const { group, tailBytes } = format;
  const rest = bytes % group.bytes;
  return Math.floor(bytes / group.bytes) * group.samples + tailBytes.filter((need) => need <= rest).length;
}

/**
 * The first `samples` stored values, invalid codes and differences as they are.
 * @param bytes borrowed; at least {@link packedBytes} of them.
 */
export function unpackWfdb(format: WfdbFormat, bytes: Uint8Array, samples: number): Int32Array {
  const { group } = format;
  const groups = Math.ceil(samples / group.samples);
  const need = groups * group.bytes;
  let packed = bytes;
  if (bytes.length < need) {
    packed = new Uint8Array(need);
    packed.set(bytes);
  }
  const out = new Int32Array(groups * group.samples);
  format.unpack(packed, out);
  return out.subarray(0, samples);
}

const FORMATS: ReadonlyMap<number, WfdbFormat> = new Map([
  [8, { ...single(1, undefined, (bytes, at) => sign(bytes[at] as number, 8)), isDifference: true }],
  [16, single(2, -32768, (bytes, at) => sign(pair(bytes, at), 16))],
  [24, single(3, -8388608, (bytes, at) => sign(pair(bytes, at) | ((bytes[at + 2] as number) << 16), 24))],
  [32, single(4, -2147483648, (bytes, at) => pair(bytes, at) | (pair(bytes, at + 2) << 16))],
  [61, single(2, -32768, (bytes, at) => sign(((bytes[at] as number) << 8) | (bytes[at + 1] as number), 16))],
  [80, single(1, -128, (bytes, at) => (bytes[at] as number) - 128)],
  [160, single(2, -32768, (bytes, at) => pair(bytes, at) - 32768)],
  [212, { ...packed({ samples: 2, bytes: 3 }, [2], unpack212), invalid: -2048 }],
  [310, { ...packed({ samples: 3, bytes: 4 }, [2, 4], unpack310), invalid: -512 }],
  [311, { ...packed({ samples: 3, bytes: 4 }, [2, 3], unpack311), invalid: -512 }],
]);

function single(
  size: number,
  invalid: number | undefined,
  read: (bytes: Uint8Array, at: number) => number,
): WfdbFormat {
  const unpack = (bytes: Uint8Array, out: Int32Array) => {
    for (let i = 0; i < out.length; i++) out[i] = read(bytes, i * size);
  };
  return { group: { samples: 1, bytes: size }, tailBytes: [], invalid, isDifference: false, unpack };
}

function packed(
  group: WfdbFormat['group'],
  tailBytes: readonly number[],
  unpack: WfdbFormat['unpack'],
): Omit<WfdbFormat, 'invalid'> {
  return { group, tailBytes, isDifference: false, unpack };
}

/** Two 12-bit values: the low byte pair's 12 low bits; its 4 high bits above the third byte. */
function unpack212(bytes: Uint8Array, out: Int32Array): void {
  for (let i = 0, at = 0; i < out.length; i += 2, at += 3) {
    const low = pair(bytes, at);
    out[i] = sign(low & 0xfff, 12);
    out[i + 1] = sign(((low >> 12) << 8) | (bytes[at + 2] as number), 12);
  }
}

/** Three 10-bit values: bits 1-10 of each byte pair; the 5 high bits of the second above those of the first. */
function unpack310(bytes: Uint8Array, out: Int32Array): void {
  for (let i = 0, at = 0; i < out.length; i += 3, at += 4) {
    const first = pair(bytes, at);
    const second = pair(bytes, at + 2);
    out[i] = sign((first >> 1) & 0x3ff, 10);
    out[i + 1] = sign((second >> 1) & 0x3ff, 10);
    out[i + 2] = sign((first >> 11) | ((second >> 11) << 5), 10);
  }
}

/** Three 10-bit values from the low bits of 32 upwards. */
function unpack311(bytes: Uint8Array, out: Int32Array): void {
  for (let i = 0, at = 0; i < out.length; i += 3, at += 4) {
    const word = pair(bytes, at) | (pair(bytes, at + 2) << 16);
    for (let k = 0; k < 3; k++) out[i + k] = sign((word >> (10 * k)) & 0x3ff, 10);
  }
}

function pair(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

/** Two's complement of the low `bits` bits. */
function sign(value: number, bits: number): number {
  return (value << (32 - bits)) >> (32 - bits);
}
