import type { BlockId, ContentHash, ModalityId, SiteId } from '../core/ids.ts';
import type { EvaluationSums } from '../metrics/sums.ts';
import type { Normalization } from '../model/normalization.ts';
import type { SecureMessage, SecurePurpose, SecureTask } from './secure-session.ts';

/** What a site says of itself before round 1. Counts below the study's `minPatients` are sent as 0. */
export interface Declaration {
  readonly site: SiteId;
  readonly studyHash: ContentHash;
  /** Training patients with at least one modality. */
  readonly patients: number;
  /** n_km: training patients that have the modality. Absent: not held. */
  readonly modalityPatients: ReadonlyMap<ModalityId, number>;
  /** Summed moments of the training patients, per tabular and embedding modality, in feature order. */
  readonly moments: ReadonlyMap<ModalityId, Moments>;
  /** Training patients per class (class tasks); pairs [negative, positive] per label (multilabel); [censored, event] (survival); else empty. */
  readonly classCounts: readonly number[];
  /** Regression: count, sum and sum of squares of the target; survival: of the time. */
  readonly target?: { readonly count: number; readonly sum: number; readonly sumSquares: number };
  /** From this round on the site takes part; 1 unless the site joins, or gains a modality, later. */
  readonly fromRound: number;
}

/** Per feature over the values that are present. float64 sums in patient order. */
export interface Moments {
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly sumSquares: Float64Array;
}

/** Agreed once all declarations are in; the same for every site and part of the model that is published. */
export interface CensusResult {
  readonly normalization: Normalization;
  /** Per class, mean 1 over patients; empty unless the study asks for balanced weights. */
  readonly classWeights: readonly number[];
  /** W_b of `secure-aggregation.md` §3: the sum of the registered integer weights of all holders. */
  readonly registeredWeights: ReadonlyMap<BlockId, number>;
  /** rho_b in (0, 1]; none of a block whose holders are too few to be counted under masks. */
  readonly rarity: ReadonlyMap<BlockId, number>;
}

export type Instruction =
  | { readonly kind: 'census' }
  | {
      readonly kind: 'train';
      readonly round: number;
      /** Hash of each block that this site is asked to train from, `site` never among them. */
      readonly blocks: ReadonlyMap<BlockId, ContentHash>;
      /** Encoders that no other site holds: trained from the site's own copy (at first from these hashes), never sent. */
      readonly solo: ReadonlyMap<BlockId, ContentHash>;
      /** a_k of the site, per block: its integer share of T. */
      readonly weights: ReadonlyMap<BlockId, number>;
      /** C_b. */
      readonly clips: ReadonlyMap<BlockId, number>;
      readonly census: CensusResult;
    }
  | {
      readonly kind: 'evaluate';
      readonly round: number;
      readonly part: 'validation' | 'test';
      /** Modality subsets to score, each within the study's modalities; a patient takes part with S ∩ its pattern unless that is empty. */
      readonly subsets: readonly (readonly ModalityId[])[];
      readonly blocks: ReadonlyMap<BlockId, ContentHash>;
      readonly census: CensusResult;
    }
  /** The round's next stage of secure aggregation, for a site that trained. */
  | {
      readonly kind: 'secure';
      readonly round: number;
      /** sid. */
      readonly session: ContentHash;
      readonly task: SecureTask;
    }
  | { readonly kind: 'finished'; readonly reason: 'complete' | 'aborted' };

/** One block of a site's update, in the ring. */
export interface BlockUpdate {
  readonly block: BlockId;
  /** a_k as registered. */
  readonly weight: number;
  /** FedNova: round(a_k · steps / maxSteps) of this block; 0 where the study does not use it. */
  readonly steps: number;
  /** q_kj: int32 two's complement, [layout.size], |q| ≤ a_k. Given: the receiver owns the buffer. */
  readonly vector: Int32Array;
  /** Whether the delta was longer than C_b. */
  readonly clipped: boolean;
}

export interface Update {
  readonly site: SiteId;
  readonly studyHash: ContentHash;
  readonly round: number;
  readonly blocks: readonly BlockUpdate[];
  /** Mean training loss of the round; summed by weight for the learning curve. */
  readonly loss: number;
}

/** That a site has done its work and keeps the vectors until a secure session asks for them. */
export interface ReadyNotice {
  readonly site: SiteId;
  readonly studyHash: ContentHash;
  readonly round: number;
  readonly purpose: SecurePurpose;
  /** What the site has a vector of. */
  readonly blocks: readonly BlockId[];
}

/** A site's message of a secure session. */
export interface SecureSubmission {
  readonly site: SiteId;
  readonly studyHash: ContentHash;
  readonly round: number;
  /** sid. */
  readonly session: ContentHash;
  readonly message: SecureMessage;
  /** Masked, where the message is their manifest; else none. Given. */
  readonly vectors: ReadonlyMap<BlockId, Int32Array>;
}

export type Receipt =
  | { readonly kind: 'accepted' }
  /** A contribution of this site for this round is already counted. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'late'; readonly openRound: number }
  | { readonly kind: 'refused'; readonly code: 'BAD_CONTRIBUTION'; readonly reason: string };

export interface Evaluation {
  readonly site: SiteId;
  readonly studyHash: ContentHash;
  readonly round: number;
  readonly part: 'validation' | 'test';
  /** One entry per asked subset, in the order asked; undefined where the site has too few patients or none. */
  readonly subsets: readonly (EvaluationSums | undefined)[];
}
