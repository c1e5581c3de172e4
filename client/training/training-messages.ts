import type { BackendName, BackendReport } from '../../shared/compute/backend.ts';
import type { ErrorCode } from '../../shared/core/catalog.ts';
import type { CensusResult } from '../../shared/protocol/messages.ts';
import type { Study } from '../../shared/study/study.ts';
import type { SiteCohort } from '../data/cohort.ts';
import type { NoiseKind } from './noise-source.ts';
import type { ScoreRequest, TrainRequest } from './site-trainer.ts';

/** What a training worker is asked; `seat` names one site of one study in it. */
export type TrainingCall =
  | { readonly kind: 'start'; readonly backend: BackendName | 'auto' }
  | {
      readonly kind: 'open';
      readonly seat: number;
      readonly study: Study;
      readonly cohort: SiteCohort;
      /** Whether {@link TrainingNews} is wanted of it. */
      readonly tells: boolean;
      readonly noise: NoiseKind;
    }
  | { readonly kind: 'prepare'; readonly seat: number; readonly census: CensusResult }
  | { readonly kind: 'train'; readonly seat: number; readonly request: TrainRequest }
  | { readonly kind: 'score'; readonly seat: number; readonly request: ScoreRequest }
  | { readonly kind: 'evaluate'; readonly seat: number; readonly request: ScoreRequest }
  | { readonly kind: 'close'; readonly seat: number };

export interface TrainingQuestion {
  readonly id: number;
  readonly call: TrainingCall;
}

/** How far a seat's training has come; not the answer to anything. */
export interface TrainingNews {
  readonly seat: number;
  readonly progress: TrainingProgress;
}

export interface TrainingProgress {
  readonly round: number;
  readonly step: number;
  readonly steps: number;
}

export type TrainingAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | {
      readonly id: number;
      readonly ok: false;
      readonly code: ErrorCode | undefined;
      readonly message: string;
      readonly hint: string | undefined;
    };

export type StartAnswer = BackendReport;
