import type { BlockId, ContentHash, ModalityId } from '../../shared/core/ids.ts';
import type { StudyFacts } from '../policy/decide.ts';
import type { Refusal } from '../policy/refusal.ts';
import type { NoiseFindings } from './review-noise.ts';
import type { Difference } from './study-difference.ts';

/** What a review found out, for whoever writes it down. */
export interface ReviewFindings {
  readonly facts: StudyFacts;
  readonly signedBy: string | undefined;
  readonly isChecked: boolean;
  /** Modalities that the site's mapping declares; undefined without a mapping. */
  readonly mapped: readonly ModalityId[] | undefined;
  /** What the mapping lacks, or what is wrong with it. */
  readonly lacking: readonly string[];
  readonly blocks: readonly { readonly id: BlockId; readonly parameters: number }[];
  readonly noise: NoiseFindings;
  readonly refusals: readonly Refusal[];
  readonly policy: ContentHash;
  readonly schedule: string | undefined;
  /** Against the version that was approved last; undefined where none was. */
  readonly difference: { readonly hash: ContentHash; readonly settings: readonly Difference[] } | undefined;
}
