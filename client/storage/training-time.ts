import { openAppendFile } from '../../shared/core/append-file.ts';

/** How long a site trained, and when. */
export interface TrainingTime {
  add(span: TrainingSpan): Promise<void>;
  /** Milliseconds of training since `sinceMs`. */
  since(sinceMs: number): number;
  close(): Promise<void>;
}

export interface TrainingSpan {
  /** Milliseconds since the epoch. */
  readonly endMs: number;
  readonly durationMs: number;
}

/** @param path in a folder that exists: a line of JSON per span. A line that cannot be read counts as a whole day. */
export async function fileTrainingTime(path: string): Promise<TrainingTime> {
  const file = await openAppendFile(path);
  const spans = (await file.lines()).map(spanOf);
  return {
    async add(span) {
      await file.append(() => JSON.stringify(span));
      spans.push(span);
    },
    since: (sinceMs) =>
      spans.reduce(
        (sum, { endMs, durationMs }) => sum + Math.max(0, Math.min(durationMs, endMs - sinceMs)),
        0,
      ),
    close: () => file.close(),
  };
}

/** In doubt it was long and has just ended, so that less is trained and not more. */
const UNKNOWN: TrainingSpan = { endMs: Number.MAX_SAFE_INTEGER, durationMs: 24 * 3_600_000 };

function spanOf(line: string): TrainingSpan {
  try {
    const { endMs, durationMs } = JSON.parse(line) as Partial<TrainingSpan>;
    if (typeof endMs === 'number' && typeof durationMs === 'number') return { endMs, durationMs };
  } catch {
    // falls through: the line counts as unknown
  }
  return UNKNOWN;
}
