import type { ContentHash } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';

/** The line before the first. */
export const FIRST_PREV = '0'.repeat(64) as ContentHash;

/** SHA-256 over the exact bytes of a line, without its line break. */
export function lineHash(line: string): ContentHash {
  return sha256(line);
}

/** A line as far as the chain goes. */
export interface ChainLink {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Of the line before, {@link lineHash}; {@link FIRST_PREV} for the first. Undefined: written before there was a chain. */
  readonly prev: ContentHash | undefined;
}

/** What is wrong with a line of a chain. */
export type ChainFlaw =
  /** The line is not the one that the next line, or a signature, was made over. */
  | 'edited'
  /** A line of this number is nowhere. */
  | 'missing'
  /** A line stands behind others that came later. */
  | 'reordered'
  /** A second line has the number. */
  | 'added'
  /** Somebody has seen a line beyond the end. */
  | 'truncated';

export const CHAIN_WORDS: Readonly<Record<ChainFlaw, string>> = {
  edited: 'edited: it is not what was chained or signed',
  missing: 'missing',
  reordered: 'reordered: it stands behind later lines',
  added: 'added: a second line has its number',
  truncated: 'truncated: a head that was kept lies beyond the end',
};

export interface BadLine {
  readonly seq: number;
  readonly flaw: ChainFlaw;
}

/** The first line that is not as it was written, by the lines alone. @param read undefined for a line that is none. */
export function chainFlaw(
  texts: readonly string[],
  read: (text: string) => ChainLink | undefined,
): BadLine | undefined {
  const links = texts.map(read);
  let isChained = false;
  for (const [i, link] of links.entries()) {
    const seq = i + 1;
    if (link === undefined) return { seq, flaw: 'edited' };
    if (link.seq !== seq) return { seq: Math.min(seq, link.seq), flaw: misplaced(links, i) };
    if (link.prev === undefined) {
      if (isChained) return { seq, flaw: 'edited' };
      continue;
    }
    isChained = true;
    const before = texts[i - 1];
    if (link.prev === (before === undefined ? FIRST_PREV : lineHash(before))) continue;
    // Where the next line was made over this one, the one before is not as it was.
    const next = links[i + 1];
    const isVouched = next === undefined || next.prev === lineHash(texts[i] as string);
    return { seq: isVouched && i > 0 ? seq - 1 : seq, flaw: 'edited' };
  }
  return undefined;
}

/** Why the line at `i` does not have the number of its place. */
function misplaced(links: readonly (ChainLink | undefined)[], i: number): ChainFlaw {
  const found = (links[i] as ChainLink).seq;
  if (found < i + 1) return 'added';
  return links.some((link) => link?.seq === i + 1) ? 'reordered' : 'missing';
}
