import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';

/** A study as it was shown to the person who decides. */
export interface Review {
  readonly hash: ContentHash;
  /** A study file's text, and the settings that change it. */
  readonly source: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Whose signature was checked; null: of nobody. */
  readonly lead: string | null;
  readonly reviewedMs: number;
  /** When it was last approved; null: never. */
  readonly approvedMs: number | null;
}

/** The studies that were reviewed at a site, one file of JSON each. */
export interface Reviews {
  save(review: Review): Promise<void>;
  find(hash: ContentHash): Promise<Review | undefined>;
  all(): Promise<readonly Review[]>;
}

export function fileReviews(folder: string): Reviews {
  const fileOf = (hash: string) => join(folder, `${hash}.json`);
  const find = async (hash: ContentHash): Promise<Review | undefined> => {
    const path = fileOf(hash);
    const text = await readFile(path, 'utf8').catch(absent);
    return text === undefined ? undefined : reviewOf(text, path);
  };
  return {
    async save(review) {
      await makeFolder(folder, { mode: 0o700 });
      await writeAtomically(fileOf(review.hash), `${JSON.stringify(review, null, 2)}\n`, { mode: 0o600 });
    },
    find,
    async all() {
      const names = (await readdir(folder).catch(absent)) ?? [];
      const hashes = names.flatMap((name) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
      const found = await Promise.all(hashes.sort().map((hash) => find(hash as ContentHash)));
      return found.filter((review) => review !== undefined);
    },
  };
}

function reviewOf(text: string, path: string): Review {
  try {
    const review = JSON.parse(text) as Review;
    if (path.endsWith(`${review.hash}.json`) && typeof review.source === 'string') return review;
  } catch {
    // falls through: it is no review
  }
  throw new ConsiliumError('STATE_CORRUPT', `${path}: expected a review, got another file`, {
    hint: 'Remove the file and review the study anew.',
  });
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
