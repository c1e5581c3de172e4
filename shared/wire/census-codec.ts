import { type BlockId, blockId, type ModalityId, modalityId, siteId } from '../core/ids.ts';
import type { FeatureScale, Normalization } from '../model/normalization.ts';
import type { CensusResult, Declaration, Moments } from '../protocol/messages.ts';
import {
  type Field,
  finite,
  float64s,
  hash,
  id,
  mapOf,
  mapped,
  numbers,
  optional,
  uint32,
  uint64,
} from './fields.ts';
import { consilium } from './generated/consilium.js';
import { message } from './message.ts';
import { wireInvalid } from './wire-invalid.ts';

const { v1 } = consilium;

const modality = id(modalityId);
const block = id(blockId);

const modalityPatients = entry<
  ModalityId,
  { modality: ModalityId; patients: number },
  number,
  ModalityPatients
>(
  message('ModalityPatients', v1.ModalityPatients, { modality, patients: uint64 }),
  ([key, patients]) => ({ modality: key, patients }),
  ({ modality: key, patients }) => [key, patients],
);

const modalityMoments = entry<ModalityId, Moments & { modality: ModalityId }, Moments, ModalityMoments>(
  message('ModalityMoments', v1.ModalityMoments, {
    modality,
    count: float64s,
    sum: float64s,
    sumSquares: float64s,
  }),
  ([key, moments]) => ({ modality: key, ...moments }),
  ({ modality: key, count, sum, sumSquares }, where) => {
    requireEqual(where, [count, sum, sumSquares]);
    return [key, { count, sum, sumSquares }];
  },
);

const modalityScale = entry<ModalityId, FeatureScale & { modality: ModalityId }, FeatureScale, ModalityScale>(
  message('ModalityScale', v1.ModalityScale, { modality, mean: float64s, deviation: float64s }),
  ([key, scale]) => ({ modality: key, ...scale }),
  ({ modality: key, mean, deviation }, where) => {
    requireEqual(where, [mean, deviation]);
    return [key, { mean, deviation }];
  },
);

/** Whole numbers by block. */
export const blockWeights = mapOf(
  entry<BlockId, { block: BlockId; weight: number }, number, consilium.v1.BlockWeight.$Properties>(
    message('BlockWeight', v1.BlockWeight, { block, weight: uint64 }),
    ([key, weight]) => ({ block: key, weight }),
    ({ block: key, weight }) => [key, weight],
  ),
);

/** Finite numbers by block. */
export const blockNumbers = mapOf(
  entry<BlockId, { block: BlockId; value: number }, number, consilium.v1.BlockNumber.$Properties>(
    message('BlockNumber', v1.BlockNumber, { block, value: finite }),
    ([key, value]) => ({ block: key, value }),
    ({ block: key, value }) => [key, value],
  ),
);

const declaration = message<Declaration, consilium.v1.Declaration.$Properties>(
  'Declaration',
  v1.Declaration,
  {
    site: id(siteId),
    studyHash: hash,
    patients: uint64,
    modalityPatients: mapOf(modalityPatients),
    moments: mapOf(modalityMoments),
    classCounts: numbers,
    target: optional(
      message<NonNullable<Declaration['target']>, consilium.v1.TargetMoments.$Properties>(
        'TargetMoments',
        v1.TargetMoments,
        { count: finite, sum: finite, sumSquares: finite },
      ),
    ),
    fromRound: uint32,
  },
);

const normalization = message<Normalization, consilium.v1.Normalization.$Properties>(
  'Normalization',
  v1.Normalization,
  {
    features: mapOf(modalityScale),
    target: optional(
      message<NonNullable<Normalization['target']>, consilium.v1.TargetScale.$Properties>(
        'TargetScale',
        v1.TargetScale,
        { mean: finite, deviation: finite },
      ),
    ),
  },
);

/** The census inside an instruction. */
export const census = message<CensusResult, consilium.v1.CensusResult.$Properties>(
  'CensusResult',
  v1.CensusResult,
  {
    normalization,
    classWeights: numbers,
    registeredWeights: blockWeights,
    rarity: blockNumbers,
  },
);

export const { encode: encodeDeclaration, decode: decodeDeclaration } = declaration;
export const { encode: encodeCensusResult, decode: decodeCensusResult } = census;

type ModalityPatients = consilium.v1.ModalityPatients.$Properties;
type ModalityMoments = consilium.v1.ModalityMoments.$Properties;
type ModalityScale = consilium.v1.ModalityScale.$Properties;

/** An entry of a map from the message that it travels as. */
export function entry<Key extends string, Inner, Value, Wire>(
  inner: Field<Inner, Wire>,
  to: (pair: readonly [Key, Value]) => Inner,
  from: (inner: Inner, where: string) => readonly [Key, Value],
): Field<readonly [Key, Value], Wire> {
  return mapped(inner, to, from);
}

function requireEqual(where: string, arrays: readonly Float64Array[]): void {
  const lengths = new Set(arrays.map(({ length }) => length));
  if (lengths.size > 1) throw wireInvalid(where, `expected equal lengths, got ${[...lengths].join(', ')}`);
}
