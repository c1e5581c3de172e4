import { describe, expect, it } from 'vitest';
import { localTrainer } from '../../../client/training/local-trainer.ts';
import { SITE_BLOCK } from '../../../shared/core/ids.ts';
import type { Draws } from '../../../shared/core/random.ts';
import { keyedDraws } from '../../../shared/crypto/keyed-draws.ts';
import { initialBlocks } from '../../../shared/model/blocks.ts';
import { parseStudy } from '../../../shared/study/parse.ts';
import type { Study } from '../../../shared/study/study.ts';
import { LABS, type SmallPatient, smallCohort, smallStudy } from '../../helpers/small-study.ts';

const BASE = smallStudy();
const STUDY: Study = {
  ...BASE,
  model: { ...BASE.model, siteBias: true },
  privacy: { secureAggregation: false, record: { clip: 1, noise: { kind: 'multiplier', multiplier: 1 } } },
  training: { ...BASE.training, normalization: 'ranges', batch: 8, rounds: 1 },
};
/** Nobody is ever drawn, so that whatever tells cohorts apart did not come through the noised step. */
const nobody = (): Draws => ({ ...keyedDraws(new Uint8Array(32)), uniform: () => 1 });

/** What a round leaves of all blocks at a site of these patients. */
async function trainedOn(patients: readonly SmallPatient[]) {
  const trainer = localTrainer(STUDY, smallCohort('north', patients), {
    noise: { kind: 'simulated', open: nobody },
  });
  // Of the declared ranges, whoever the patients are.
  const normalization = {
    features: new Map([[LABS, { mean: Float64Array.of(5, 0), deviation: Float64Array.of(5, 1) }]]),
  };
  await trainer.prepare({ normalization, classWeights: [], registeredWeights: new Map(), rarity: new Map() });
  const blocks = new Map(initialBlocks(STUDY).map((block) => [block.layout.id, block.values]));
  blocks.delete(SITE_BLOCK); // No request has it: the site starts its own.
  const release = new Map([...blocks.keys()].map((id) => [id, { weight: 1000, clip: 1e3 }]));
  return trainer.train({ round: 1, blocks, local: new Map(), release, absent: [] });
}

const TWELVE = Array.from(
  { length: 12 },
  (_, i): SmallPatient => ({ part: 'train', label: i % 2, labs: [i, 1] }),
);

describe('D10: all that a site computes from its patients in record mode', () => {
  it('comes through the noised step: with nobody drawn, other values and labels change no block, the own one included', async () => {
    const others = TWELVE.map((patient): SmallPatient => ({ ...patient, label: 1, labs: [1000, 2] }));
    const [one, other] = [await trainedOn(TWELVE), await trainedOn(others)];
    expect(one.updates.length).toBeGreaterThan(0);
    expect(other.updates).toEqual(one.updates);
    expect(other.local.get(SITE_BLOCK)).toEqual(one.local.get(SITE_BLOCK));
  });

  it('moves the block that stays at the site by noise as well', async () => {
    const { local } = await trainedOn(TWELVE);
    expect(local.get(SITE_BLOCK)?.some((value) => value !== 0)).toBe(true);
  });

  it.each([
    'training.classWeights=balanced',
    'training.normalization=federated',
    'training.normalization=site',
  ])('is refused where it would go past it: %s', (setting) => {
    const text = `study: small
task: { kind: binary, label: y }
modalities: { labs: { kind: tabular, features: { chol: { range: [0, 10] } } } }
training: { normalization: ranges }
privacy: { mode: record, clip: 1, multiplier: 1 }
`;
    expect(() => parseStudy(text, 'study.yaml', [setting])).toThrow('as privacy.mode is record');
  });
});
