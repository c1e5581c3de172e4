import type { BrokenReason } from './media/broken-file.ts';

/** A file that cannot be used, or lines of it. Shown to the site alone: even the name of a file may name a patient. */
export interface SetAside {
  /** As written, or as found below the data folder. */
  readonly file: string;
  readonly reason: BrokenReason;
  /** Lines or messages of the file; undefined: all of it. */
  readonly parts: number | undefined;
}

/** Cells, rows or events that reading left out or had to choose among; counts only. */
export interface LeftOut {
  /** `observations.code`, `labs` or `labs.creatinine`. */
  readonly subject: string;
  readonly count: number;
  /** Follows the count: `of 12 resources with several values, of which the first is used`. */
  readonly problem: string;
}

/** "3 files and 12 lines or messages: 2 truncated, 13 wrong-format". */
export function describeSetAside(entries: readonly SetAside[]): string {
  const files = entries.filter(({ parts }) => parts === undefined).length;
  const parts = entries.reduce((sum, entry) => sum + (entry.parts ?? 0), 0);
  const what = [
    ...(files > 0 ? [`${files} ${files === 1 ? 'file' : 'files'}`] : []),
    ...(parts > 0 ? [`${parts} ${parts === 1 ? 'line or message' : 'lines or messages'}`] : []),
  ];
  return `${what.join(' and ')}: ${[...countReasons(entries)].map(([reason, count]) => `${count} ${reason}`).join(', ')}`;
}

/** Files, and lines or messages of others, by reason. */
export function countReasons(entries: readonly SetAside[]): ReadonlyMap<BrokenReason, number> {
  const counts = new Map<BrokenReason, number>();
  for (const { reason, parts } of entries) counts.set(reason, (counts.get(reason) ?? 0) + (parts ?? 1));
  return counts;
}
