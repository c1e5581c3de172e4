import { encoderBlock, JOINT_BLOCK, modalityId, type SiteId, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Declaration, Evaluation, Instruction, Update } from '../../shared/protocol/messages.ts';
import type { MergeSpec, Study } from '../../shared/study/study.ts';
import { type Block, blockLayout } from '../../shared/tensor/block.ts';
import { quantize, stepsHeader } from '../../shared/tensor/ring.ts';
import { studyWith } from './study-with.ts';

export const STUDY_HASH = sha256('a study for tests');
export const CT = modalityId('ct');
export const LABS = modalityId('labs');

/** Two modalities of one feature each; three rounds. */
export function smallStudy(
  changes: {
    merge?: Partial<MergeSpec>;
    rounds?: number;
    every?: number;
    choose?: 'last' | 'best-validation';
  } = {},
): Study {
  const tabular = (id: typeof CT) => ({
    id,
    kind: 'tabular' as const,
    features: [{ kind: 'numeric' as const, name: `${id}-value`, missing: [] }],
    hidden: [],
  });
  return studyWith({
    seed: 1,
    modalities: [tabular(CT), tabular(LABS)],
    model: { embedding: 2 },
    training: { rounds: changes.rounds ?? 3 },
    merge: { minPatients: 5, ...changes.merge },
    evaluation: { every: changes.every ?? 1, choose: changes.choose ?? 'last' },
  });
}

export function smallModel(): Block[] {
  const block = (id: Block['layout']['id'], values: number[]): Block => ({
    layout: blockLayout(id, [{ name: 'kernel', shape: [values.length] }]),
    values: Float32Array.from(values),
  });
  return [
    block(encoderBlock(CT), [1, 2, 3]),
    block(encoderBlock(LABS), [4, 5]),
    block(JOINT_BLOCK, [6]),
    block('site' as Block['layout']['id'], [7]),
  ];
}

export interface SmallSite {
  readonly site: SiteId;
  readonly patients: number;
  readonly ct?: number;
  readonly labs?: number;
  readonly fromRound?: number;
}

/** a: both; b: both; c: labs only; d: labs only. */
export const FOUR_SITES: readonly SmallSite[] = [
  { site: siteId('site-a'), patients: 30, ct: 20, labs: 30 },
  { site: siteId('site-b'), patients: 50, ct: 40, labs: 25 },
  { site: siteId('site-c'), patients: 10, labs: 10 },
  { site: siteId('site-d'), patients: 60, labs: 60 },
];

export function declarationOf({ site, patients, ct, labs, fromRound = 1 }: SmallSite): Declaration {
  const held = [
    [CT, ct],
    [LABS, labs],
  ] as const;
  const counts = new Map(held.flatMap(([id, count]) => (count === undefined ? [] : [[id, count]])));
  const moments = (count: number) => ({
    count: Float64Array.of(count),
    sum: Float64Array.of(count * 2),
    sumSquares: Float64Array.of(count * 5),
  });
  return {
    site,
    studyHash: STUDY_HASH,
    patients,
    modalityPatients: counts,
    moments: new Map([...counts].map(([id, count]) => [id, moments(count)])),
    classCounts: [Math.ceil(patients / 2), Math.floor(patients / 2)],
    fromRound,
  };
}

type Train = Extract<Instruction, { readonly kind: 'train' }>;
type Evaluate = Extract<Instruction, { readonly kind: 'evaluate' }>;

/** The update that a site always sends for this instruction: like training from a seed. */
export function updateFor(site: SiteId, task: Train, options: { readonly fedNova?: boolean } = {}): Update {
  const blocks = [...task.blocks.keys()].map((block) => {
    const random = seededRandom(site, task.round, block);
    const size = smallModel().find(({ layout }) => layout.id === block)?.layout.size ?? 0;
    const delta = Float32Array.from({ length: size }, () => random.normal());
    const share = task.weights.get(block) ?? 0;
    const steps = 1 + random.below(9);
    const clip = task.clips.get(block) ?? 0;
    const { vector, clipped } = quantize(delta, { share, clip, steps: options.fedNova ? steps : 1 });
    return { block, weight: share, steps: options.fedNova ? stepsHeader(share, steps) : 0, vector, clipped };
  });
  return { site, studyHash: STUDY_HASH, round: task.round, blocks, loss: 1 / task.round };
}

export function evaluationFor(site: SiteId, task: Evaluate): Evaluation {
  const subsets = task.subsets.map(() => ({
    kind: 'regression' as const,
    patients: 20,
    sumTruth: task.round,
    sumTruthSquares: 1,
    squaredError: 1,
    absoluteError: 1,
  }));
  return { site, studyHash: STUDY_HASH, round: task.round, part: task.part, subsets };
}

export interface SiteBehaviour {
  /** undefined: the site declines. */
  train?(site: SiteId, task: Train): Update | undefined;
  evaluate?(site: SiteId, task: Evaluate): Evaluation | undefined;
  onInstruction?(site: SiteId, instruction: Instruction): void;
}

/** Does what the coordinator asks until the study is finished. */
export async function playSite(
  port: CoordinatorPort,
  small: SmallSite,
  behaviour: SiteBehaviour = {},
): Promise<void> {
  const { site } = small;
  const train = behaviour.train ?? updateFor;
  const evaluate = behaviour.evaluate ?? evaluationFor;
  for (;;) {
    const instruction = await port.awaitInstruction(site, new AbortController().signal);
    behaviour.onInstruction?.(site, instruction);
    switch (instruction.kind) {
      case 'census':
        await port.declare(declarationOf(small));
        break;
      case 'train': {
        const update = train(site, instruction);
        if (update === undefined) await port.decline(site, instruction.round);
        else await port.submitUpdate(update);
        break;
      }
      case 'evaluate': {
        const evaluation = evaluate(site, instruction);
        if (evaluation === undefined) await port.decline(site, instruction.round);
        else await port.submitEvaluation(evaluation);
        break;
      }
      case 'finished':
        return;
    }
  }
}
