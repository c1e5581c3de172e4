import type { BlockId, ContentHash } from '../../shared/core/ids.ts';
import type { CensusResult, Evaluation } from '../../shared/protocol/messages.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { Ending } from './round-state.ts';

/** What a study has come to, at any time. */
export interface StudyResult {
  /** `running` until the study ended. */
  readonly status: { readonly kind: 'running' } | Ending;
  /** Whose model this is: the chosen round's at the end, the latest until then; 0 is the start. */
  readonly round: number;
  readonly modelHash: ContentHash;
  /** Borrowed. Never with the `site` block. */
  readonly blocks: ReadonlyMap<BlockId, Float32Array>;
  /** Blocks that were merged at least once; the others are as they were at the start. */
  readonly trainedBlocks: ReadonlySet<BlockId>;
  readonly census: CensusResult | undefined;
  readonly reports: readonly RoundReport[];
  /** Of the published model, all modality subsets in the order of `modalitySubsets`; by site id. Empty until then. */
  readonly evaluations: { readonly validation: readonly Evaluation[]; readonly test: readonly Evaluation[] };
}
