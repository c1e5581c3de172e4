import type { RawImage } from '../raw-image.ts';

type Samples = RawImage['samples'];

/** Which bits of a stored number are its value. */
export interface StoredBits {
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly shift: number;
  readonly isSigned: boolean;
}

/** The array type of 8, 16 or 32 allocated bits; one bit takes a byte. */
export function allocate(length: number, bits: Pick<StoredBits, 'bitsAllocated' | 'isSigned'>): Samples {
  const { bitsAllocated, isSigned } = bits;
  if (bitsAllocated <= 8) return isSigned ? new Int8Array(length) : new Uint8Array(length);
  if (bitsAllocated <= 16) return isSigned ? new Int16Array(length) : new Uint16Array(length);
  return isSigned ? new Int32Array(length) : new Uint32Array(length);
}

/** Drops the bits that are not stored, such as overlays, and extends the sign. Changed in place. */
export function maskStored(samples: Samples, bits: StoredBits): void {
  const { bitsAllocated, bitsStored, shift, isSigned } = bits;
  if (bitsStored >= bitsAllocated || bitsAllocated < 8) return;
  const up = 32 - bitsStored - shift;
  const down = 32 - bitsStored;
  for (let i = 0; i < samples.length; i++) {
    const raised = (samples[i] as number) << up;
    samples[i] = isSigned ? raised >> down : raised >>> down;
  }
}

/** The least and the greatest number that `bits` can hold. */
export function storedRange(bits: Pick<StoredBits, 'bitsStored' | 'isSigned'>): {
  low: number;
  high: number;
} {
  const count = 2 ** bits.bitsStored;
  return bits.isSigned ? { low: -count / 2, high: count / 2 - 1 } : { low: 0, high: count - 1 };
}
