import type { BlockId, ModalityId, StudyId } from '../core/ids.ts';
import type {
  FrozenEncoder,
  ImageAugmentation,
  ImageInput,
  SignalAugmentation,
  SignalInput,
  StudyAsset,
} from './modality-input.ts';

/** A study after defaults are filled in: what is trained, how, and how it is judged. Contains no code and no data. */
export interface Study {
  readonly id: StudyId;
  readonly title: string;
  /** Everything random in training and simulation derives from it. */
  readonly seed: number;
  readonly task: Task;
  /** Sorted by id. */
  readonly modalities: readonly Modality[];
  readonly model: ModelSpec;
  readonly training: TrainingSpec;
  readonly merge: MergeSpec;
  readonly privacy: PrivacySpec;
  readonly evaluation: EvaluationSpec;
  /** Free remarks, e.g. on which data the settings were chosen. */
  readonly notes: readonly string[];
}

export type Task =
  | { readonly kind: 'binary'; readonly label: string }
  | { readonly kind: 'multiclass'; readonly label: string; readonly levels: readonly (string | number)[] }
  | { readonly kind: 'multilabel'; readonly labels: readonly string[] }
  | { readonly kind: 'regression'; readonly label: string; readonly unit?: string }
  /** `time` in any one unit; `event` 1 where the event was seen, 0 where the patient was censored. */
  | { readonly kind: 'survival'; readonly time: string; readonly event: string };

export type Modality =
  | TabularModality
  | {
      readonly id: ModalityId;
      readonly kind: 'image';
      readonly height: number;
      readonly width: number;
      /** 1: grey; 3: red, green, blue. */
      readonly channels: number;
      /** Filters per stage; each stage halves height and width. */
      readonly filters: readonly number[];
      /** Residual blocks per stage. */
      readonly depth: number;
      /** Images of a patient that are used, at most; their embeddings are averaged. */
      readonly instances: number;
      readonly input: ImageInput;
      readonly augment: ImageAugmentation;
    }
  | {
      readonly id: ModalityId;
      readonly kind: 'signal';
      readonly samples: number;
      readonly channels: number;
      readonly rateHz: number;
      /** Filters per stage; each stage halves the samples. */
      readonly filters: readonly number[];
      readonly depth: number;
      readonly recurrent: boolean;
      /** Recordings, or windows of one, that are used of a patient, at most. */
      readonly instances: number;
      readonly input: SignalInput;
      readonly augment: SignalAugmentation;
    }
  | {
      readonly id: ModalityId;
      readonly kind: 'text';
      /** Subwords kept per note. */
      readonly tokens: number;
      /** Hash buckets of the embedding table, bucket 0 is padding. */
      readonly buckets: number;
      readonly filters: readonly number[];
      /** A GRU over the subwords after the convolutions. */
      readonly recurrent: boolean;
      /** Notes of a patient that are used, at most. */
      readonly instances: number;
      /** Undefined: hashed subwords, which need no file. */
      readonly tokenizer?: StudyAsset;
    }
  | {
      readonly id: ModalityId;
      readonly kind: 'embedding';
      readonly width: number;
      /** What each number of the vector is called, in order; with them no site can mix up the order. */
      readonly names?: readonly string[];
      readonly hidden: readonly number[];
      /** Where the vectors come from, if not from the site's own columns. */
      readonly frozen?: FrozenEncoder;
    };

export interface TabularModality {
  readonly id: ModalityId;
  readonly kind: 'tabular';
  /** In the order of the file. */
  readonly features: readonly Feature[];
  readonly hidden: readonly number[];
}

export type Feature =
  | {
      readonly kind: 'numeric';
      readonly name: string;
      readonly unit?: string;
      /** Inclusive; a value outside is refused by the data check. */
      readonly range?: readonly [number, number];
      /** Codes that mean "not measured". */
      readonly missing: readonly number[];
    }
  | {
      readonly kind: 'categorical';
      readonly name: string;
      readonly levels: readonly (string | number)[];
      readonly missing: readonly (string | number)[];
    };

export interface ModelSpec {
  readonly fusion: 'evidence' | 'mean' | 'attention';
  /** Width of every modality's embedding. */
  readonly embedding: number;
  /** Hidden width of the interaction head R of the evidence fusion, or of the head after mean and attention; 0 leaves R out. */
  readonly jointHidden: number;
  /** b_k, trained at the site and never sent. Always off for survival and regression. */
  readonly siteBias: boolean;
  /** Encoders that start from the weights of a safetensors file, by block. */
  readonly pretrained?: ReadonlyMap<BlockId, StudyAsset>;
}

export interface TrainingSpec {
  readonly rounds: number;
  /** Local epochs per round, or a fixed number of local steps. */
  readonly duration:
    | { readonly kind: 'epochs'; readonly count: number }
    | { readonly kind: 'steps'; readonly count: number };
  readonly batch: number;
  readonly optimizer: LocalOptimizerSpec;
  /** Decoupled: w ← w − learningRate · weightDecay · w. */
  readonly weightDecay: number;
  /** L2 norm over all blocks of one step's gradient; 0 is off. */
  readonly gradientClip: number;
  /** p: probability that an available modality is dropped in a step. */
  readonly modalityDropout: number;
  /** λ_u. */
  readonly unimodalLoss: number;
  /** λ_d of KL(stopgrad p_S || p_S'). */
  readonly divergence: number;
  /** μ of FedProx. */
  readonly proximal: number;
  readonly classWeights: 'none' | 'balanced';
  /** `ranges`: by the middle and half the width of each feature's declared range; nothing of the data is in it. */
  readonly normalization: 'federated' | 'site' | 'ranges';
}

export type LocalOptimizerSpec =
  | {
      readonly kind: 'adam';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    }
  | { readonly kind: 'sgd'; readonly learningRate: number; readonly momentum: number };

export interface MergeSpec {
  /** γ. */
  readonly weightExponent: number;
  /** How a holder's patient count becomes its registered weight (`secure-aggregation`: exact, powers of two, or 1). */
  readonly weights: 'exact' | 'bucketed' | 'uniform';
  /** β of round 1 and of the last round, linear in between. Equal numbers: constant. */
  readonly rarityExponent: { readonly from: number; readonly to: number };
  /** η. */
  readonly learningRate: number;
  readonly server: ServerOptimizerSpec;
  readonly fedNova: boolean;
  readonly robust: RobustSpec;
  /** C_b: L2 clip of a block's delta; `blocks` overrides `default`. */
  readonly clip: { readonly default: number; readonly blocks: ReadonlyMap<BlockId, number> };
  /** Holders that must answer before a block is merged. */
  readonly minHolders: number;
  /** Training patients with the modality that make a site its holder. */
  readonly minPatients: number;
}

export type ServerOptimizerSpec =
  | { readonly kind: 'fedavg' }
  | { readonly kind: 'fedavgm'; readonly momentum: number }
  | {
      readonly kind: 'fedadagrad';
      readonly learningRate: number;
      readonly beta1: number;
      readonly tau: number;
    }
  | {
      readonly kind: 'fedadam' | 'fedyogi';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly tau: number;
    };

export type RobustSpec =
  | { readonly kind: 'mean' }
  | { readonly kind: 'median' }
  /** The `trim` largest and smallest of each coordinate are left out; needs n > 2·trim. */
  | { readonly kind: 'trimmed-mean'; readonly trim: number }
  /**
   * `iterations` weighted means; in all but the first, a delta further from the one before than `smoothing` clips counts
   * by so much less (`geometric-median.ts`).
   */
  | { readonly kind: 'geometric-median'; readonly iterations: number; readonly smoothing: number }
  /** Tolerates `byzantine` sites; needs n > 2·byzantine + 2. */
  | { readonly kind: 'multi-krum'; readonly byzantine: number };

export interface PrivacySpec {
  readonly secureAggregation: boolean;
  /** Noise on each patient's gradient, added at the site. Undefined: none. */
  readonly record?: RecordPrivacy;
}

export interface RecordPrivacy {
  /** C: L2 norm over all blocks to which a patient's gradient is clipped. */
  readonly clip: number;
  /** Deviation of the noise in clips, or the epsilon of the whole study, from which each site finds its own. */
  readonly noise:
    | { readonly kind: 'multiplier'; readonly multiplier: number }
    | { readonly kind: 'epsilon'; readonly epsilon: number };
  /** Undefined: by the size of each site's cohort. */
  readonly delta?: number;
}

export interface EvaluationSpec {
  /** Shares by hash of the patient id; ignored where the site's table names each patient's part. */
  readonly split: { readonly test: number; readonly validation: number };
  /** Modality subsets that are judged; `all` is every non-empty one and allowed up to 5 modalities. */
  readonly subsets: 'all' | readonly (readonly ModalityId[])[];
  /** Evaluate every so many rounds (the last always). */
  readonly every: number;
  /** Which round's model is published. */
  readonly choose: 'last' | 'best-validation';
  /** Cells with fewer patients are suppressed at the site. */
  readonly minCell: number;
  /** Columns of the patients table by which fairness gaps are shown. */
  readonly groups: readonly {
    readonly name: string;
    readonly column: string;
    readonly bands?: readonly number[];
  }[];
}
