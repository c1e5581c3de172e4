import type { CachedRows } from './cache-index.ts';
import type { FileReader } from './file-reader.ts';
import type { FactCounter } from './media-intake.ts';
import type { MediaModality } from './media-source.ts';

/** What one patient gets: rows of the cache, and the content of the file of each. */
export interface Taken {
  readonly rows: readonly number[];
  readonly contents: readonly string[];
}

/**
 * The rows of one patient. Of more files than the study uses, images are taken evenly from all, recordings from the
 * end; where one is broken, another one stands in: the first of the other images, the last of the other recordings.
 * Files with several rows each share what the study uses as evenly as can be, and of each the rows at even distances
 * are taken.
 */
export async function takeFiles(
  files: readonly string[],
  modality: Extract<MediaModality, { kind: 'image' | 'signal' }>,
  from: { readonly reader: FileReader; readonly facts: FactCounter },
): Promise<Taken> {
  const most = modality.instances;
  const isImage = modality.kind === 'image';
  const wanted = isImage ? evenly(files.length, most) : lastOf(files.length, most);
  const others = files.map((_, i) => i).filter((i) => !wanted.includes(i));
  const usable: { readonly at: number; readonly entry: CachedRows }[] = [];
  for (const at of [...wanted, ...(isImage ? others : others.reverse())]) {
    if (usable.length >= wanted.length) break;
    const entry = await from.reader.read(files[at] as string);
    if (entry === undefined) continue;
    usable.push({ at, entry });
    for (const [name, value] of Object.entries(entry.facts)) from.facts.add(name, value);
  }
  usable.sort((a, b) => a.at - b.at);
  const shares = sharesOf(
    usable.map(({ entry }) => entry.count),
    { most, from: isImage ? 'start' : 'end' },
  );
  const taken = usable.flatMap(({ entry: { row, count, content } }, i) =>
    evenly(count, shares[i] as number).map((k) => ({ row: row + k, content })),
  );
  return { rows: taken.map(({ row }) => row), contents: taken.map(({ content }) => content) };
}

/**
 * One to each in turn, until `most` are given or nobody has more.
 * @param counts what each has. @param how.from who is first, and so gets what is left of an even division.
 * @returns how many each gives, of a sum of at most `most`.
 */
export function sharesOf(
  counts: readonly number[],
  how: { readonly most: number; readonly from: 'start' | 'end' },
): number[] {
  const shares = counts.map(() => 0);
  const order = [...counts.keys()];
  if (how.from === 'end') order.reverse();
  let left = Math.min(
    how.most,
    counts.reduce((sum, count) => sum + count, 0),
  );
  while (left > 0) {
    for (const i of order) {
      const share = shares[i] as number;
      if (left === 0 || share >= (counts[i] as number)) continue;
      shares[i] = share + 1;
      left--;
    }
  }
  return shares;
}

/** `count` of `length` positions, as far from each other and from the ends as can be; ascending. */
function evenly(length: number, count: number): number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: count }, (_, k) => Math.floor(((k + 0.5) * length) / count));
}

function lastOf(length: number, count: number): number[] {
  const first = Math.max(0, length - count);
  return Array.from({ length: length - first }, (_, i) => first + i);
}
