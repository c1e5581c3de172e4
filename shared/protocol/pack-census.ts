import { type BlockId, censusBlock, encoderBlock, JOINT_BLOCK, type ModalityId } from '../core/ids.ts';
import { scaledWidth } from '../model/inputs.ts';
import { registeredWeight } from '../model/registered-weight.ts';
import type { Study } from '../study/study.ts';
import {
  COUNT,
  type FixedPart,
  lengthOfParts,
  packParts,
  REAL_SUM,
  readParts,
} from '../tensor/fixed-point.ts';
import { classGroup, type PooledCensus, patientsOf, withholds } from './census.ts';
import type { Declaration, Moments } from './messages.ts';

/** The sum of one block's vectors, and of how many sites. */
export interface SummedBlock {
  readonly vector: Int32Array;
  readonly sites: number;
}

/**
 * What a site counts, as vectors that are added up in the ring: one of all its patients, one for each modality that it
 * holds. Nothing else of the declaration needs to leave.
 */
export function packCensus(study: Study, declaration: Declaration): ReadonlyMap<BlockId, Int32Array> {
  const vectors = new Map<BlockId, Int32Array>();
  if (declaration.patients === 0) return vectors;
  vectors.set(censusBlock(undefined), packParts(ofAll(study, declaration)));
  for (const { id } of study.modalities) {
    if (patientsOf(declaration, encoderBlock(id)) > 0) {
      vectors.set(censusBlock(id), packParts(ofModality(study, id, declaration)));
    }
  }
  return vectors;
}

/** Coordinates of a census vector, the same at every site. */
export function censusLength(study: Study, modality: ModalityId | undefined): number {
  return lengthOfParts(modality === undefined ? ofAll(study, NOBODY) : ofModality(study, modality, NOBODY));
}

/**
 * What the declaration says in the open where the census is summed under masks: which modalities the site holds, as if
 * with just the patients that this takes.
 */
export function heldOnly(study: Study, declaration: Declaration): Declaration {
  const least = Math.max(1, study.merge.minPatients);
  const { site, studyHash, fromRound } = declaration;
  return {
    site,
    studyHash,
    fromRound,
    patients: declaration.patients > 0 ? least : 0,
    modalityPatients: new Map(
      [...declaration.modalityPatients].map(([id, count]) => [id, count > 0 ? least : 0]),
    ),
    moments: new Map(),
    classCounts: [],
  };
}

/**
 * @param sums by block; of a modality that too few sites hold there is none, and its patients are not known.
 * @param declared as {@link heldOnly} gives them: who holds what is no secret.
 * @throws ConsiliumError `NOT_FINITE` where no honest sites send such sums.
 */
export function unpackCensus(
  study: Study,
  sums: ReadonlyMap<BlockId, SummedBlock>,
  declared: readonly Declaration[],
): PooledCensus {
  const all = sums.get(censusBlock(undefined));
  const general = all === undefined ? undefined : readAll(study, all);
  const modalities = study.modalities.map(({ id }) => {
    const sum = sums.get(censusBlock(id));
    const holders = declared.filter((site) => patientsOf(site, encoderBlock(id)) > 0).length;
    const nothing = { patients: 0, weight: 0, moments: undefined };
    return { id, holders, ...(sum === undefined ? nothing : readModality(study, id, sum)) };
  });
  return {
    patients: general?.patients ?? 0,
    modalities: new Map(modalities.map(({ id, patients, holders }) => [id, { patients, holders }])),
    registeredWeights: new Map([
      [JOINT_BLOCK, general?.weight ?? 0],
      ...study.modalities.map(({ id }): [BlockId, number] => [
        encoderBlock(id),
        modalities.find((each) => each.id === id)?.weight ?? 0,
      ]),
    ]),
    classCounts: general?.classCounts ?? [],
    withheld: general?.withheld ?? [],
    moments: new Map(
      modalities.flatMap(({ id, moments }) => (moments === undefined ? [] : [[id, moments] as const])),
    ),
    target: general?.target,
  };
}

const NOBODY: Pick<Declaration, 'patients' | 'modalityPatients' | 'moments' | 'classCounts' | 'target'> = {
  patients: 0,
  modalityPatients: new Map(),
  moments: new Map(),
  classCounts: [],
};

type Counted = typeof NOBODY;

/** [patients, weight, class counts, withheld, target] */
function ofAll(study: Study, declaration: Counted): readonly FixedPart[] {
  const { patients, classCounts, target } = declaration;
  const classes = classesOf(study);
  const places = Array.from({ length: classes }, (_, i) => i);
  const isWithheld = (i: number) => withholds(declaration as Declaration, classGroup(study, i));
  const hasTarget = study.task.kind === 'regression' || study.task.kind === 'survival';
  return [
    [COUNT, [patients, registeredWeight(patients, study.merge)]],
    [COUNT, places.map((i) => classCounts[i] ?? 0)],
    [COUNT, places.map((i) => (isWithheld(i) ? 1 : 0))],
    [REAL_SUM, hasTarget ? [target?.count ?? 0, target?.sum ?? 0, target?.sumSquares ?? 0] : []],
  ];
}

/** [patients, weight, moments] */
function ofModality(study: Study, id: ModalityId, declaration: Counted): readonly FixedPart[] {
  const modality = study.modalities.find((each) => each.id === id);
  const width = (modality && scaledWidth(modality)) ?? 0;
  const patients = declaration.modalityPatients.get(id) ?? 0;
  const moments = declaration.moments.get(id);
  const row = (of: keyof Moments) => Float64Array.from({ length: width }, (_, j) => moments?.[of][j] ?? 0);
  return [
    [COUNT, [patients, registeredWeight(patients, study.merge)]],
    [REAL_SUM, row('count')],
    [REAL_SUM, row('sum')],
    [REAL_SUM, row('sumSquares')],
  ];
}

function readAll(study: Study, sum: SummedBlock) {
  const parts = readParts(ofAll(study, NOBODY), sum.vector, sum.sites).map((part) => [...part]);
  const [head = [], classCounts = [], withheld = [], target = []] = parts;
  const [count = 0, total = 0, sumSquares = 0] = target;
  return {
    patients: head[0] ?? 0,
    weight: head[1] ?? 0,
    // A site that tells no class at all, as with noise on patients, adds nothing.
    classCounts: classCounts.every((each) => each === 0) ? [] : classCounts,
    withheld: withheld.map((sites) => sites > 0),
    target: count > 0 ? { count, sum: total, sumSquares } : undefined,
  };
}

function readModality(study: Study, id: ModalityId, sum: SummedBlock) {
  const [head, count, total, sumSquares] = readParts(ofModality(study, id, NOBODY), sum.vector, sum.sites);
  const isScaled = count !== undefined && total !== undefined && sumSquares !== undefined && count.length > 0;
  const moments: Moments | undefined = isScaled ? { count, sum: total, sumSquares } : undefined;
  return { patients: head?.[0] ?? 0, weight: head?.[1] ?? 0, moments };
}

function classesOf({ task }: Study): number {
  switch (task.kind) {
    case 'binary':
    case 'survival':
      return 2;
    case 'multiclass':
      return task.levels.length;
    case 'multilabel':
      return 2 * task.labels.length;
    case 'regression':
      return 0;
  }
}
