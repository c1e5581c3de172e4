import { BrokenFile } from '../../media/broken-file.ts';
import type { RawImage } from '../raw-image.ts';
import type { Attributes } from './attributes.ts';
import type { Encoded } from './element.ts';

type Samples = RawImage['samples'];

/** YBR_FULL of 8 or 16 bits to red, green and blue (PS3.3 section C.7.6.3.1.2), rounded. Changed in place. */
export function ybrToRgb(samples: Samples, bits: number): void {
  const half = 2 ** (bits - 1);
  const most = 2 ** bits - 1;
  const clamp = (value: number) => Math.min(most, Math.max(0, Math.round(value)));
  for (let i = 0; i + 2 < samples.length; i += 3) {
    const y = samples[i] as number;
    const cb = (samples[i + 1] as number) - half;
    const cr = (samples[i + 2] as number) - half;
    samples[i] = clamp(y + 1.402 * cr);
    samples[i + 1] = clamp(y - 0.344136 * cb - 0.714136 * cr);
    samples[i + 2] = clamp(y + 1.772 * cb);
  }
}

/** Three tables of 8 or 16 bits, and the stored number that their first entry stands for. */
export interface Palette {
  readonly first: number;
  readonly bits: 8 | 16;
  readonly colors: readonly [Uint16Array, Uint16Array, Uint16Array];
}

/**
 * The palette of a data set (PS3.3 section C.7.6.3.1.5 and .6).
 * @throws BrokenFile `unsupported` for segmented tables, `bad-header` for tables that are missing or do not fit.
 */
export function readPalette(from: Attributes, kept: Encoded, isSigned: boolean): Palette {
  if (from.bytes('x00281221') !== undefined) {
    throw new BrokenFile('unsupported', 'DICOM: a segmented palette is not read');
  }
  const entries = from.word('x00281101') || 65536;
  const first = from.word('x00281101', { index: 1, isSigned }) ?? 0;
  const bits = from.word('x00281101', { index: 2 });
  const tables = ['x00281201', 'x00281202', 'x00281203'].map((tag) => from.bytes(tag));
  const isWhole = tables.every((table) => table !== undefined && table.length >= entries);
  if ((bits !== 8 && bits !== 16) || from.word('x00281101') === undefined || !isWhole) {
    throw new BrokenFile(
      'bad-header',
      `DICOM: expected three palette tables of ${entries} entries of 8 or 16 bits`,
    );
  }
  const colors = (tables as Uint8Array[]).map((table) => entriesOf(table, { entries, bits, kept }));
  return { first, bits, colors: colors as unknown as Palette['colors'] };
}

/** One byte per entry where the table has only that many bytes. */
function entriesOf(
  table: Uint8Array,
  options: { readonly entries: number; readonly bits: 8 | 16; readonly kept: Encoded },
): Uint16Array {
  const { entries, bits, kept } = options;
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const isWide = table.length >= 2 * entries;
  if (!isWide && bits === 16) {
    throw new BrokenFile(
      'bad-header',
      `DICOM: expected ${2 * entries} bytes of palette, found ${table.length}`,
    );
  }
  return Uint16Array.from({ length: entries }, (_, i) =>
    isWide ? view.getUint16(2 * i, kept.isLittle) : view.getUint8(i),
  );
}

/** Each stored number's color; numbers outside the table take its first or last. @returns [..., 3]. */
export function applyPalette(samples: Samples, palette: Palette): Uint8Array | Uint16Array {
  const { first, bits, colors } = palette;
  const last = colors[0].length - 1;
  const out = bits === 8 ? new Uint8Array(3 * samples.length) : new Uint16Array(3 * samples.length);
  for (let i = 0; i < samples.length; i++) {
    const entry = Math.min(last, Math.max(0, (samples[i] as number) - first));
    for (let color = 0; color < 3; color++) {
      out[3 * i + color] = (colors[color] as Uint16Array)[entry] as number;
    }
  }
  return out;
}
