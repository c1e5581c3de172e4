import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TrainingPool, trainingPool } from '../../../client/training/training-pool.ts';
import { encoderBlock } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { studyLayouts } from '../../../shared/model/blocks.ts';
import { folderAssets } from '../../../shared/study/assets.ts';
import { encodeSafetensors } from '../../../shared/tensor/safetensors.ts';
import { type FederationOptions, runFederation } from '../../../simulations/engine/federation.ts';
import { transientStorage } from '../../../simulations/engine/run-store.ts';
import { CALM } from '../../../simulations/engine/scenario.ts';
import { CT, hospitalCohorts, hospitalStudy } from '../../helpers/small-hospitals.ts';

const folder = mkdtempSync(join(tmpdir(), 'pretrained-'));
let pool: TrainingPool;
beforeAll(async () => {
  pool = await trainingPool({ workers: 1, backend: 'cpu' });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await pool.close();
});

/** One round of steps too small to see. */
const STILL = ['training.rounds=1', 'training.optimizer={kind: sgd, learningRate: 1e-6}'];

/** The whole encoder of the CT as a file, every weight `value`. @returns the setting that names it. */
function fileOf(value: number): string {
  const layout = studyLayouts(hospitalStudy()).get(encoderBlock(CT));
  const tensors = new Map(
    layout?.tensors.map(({ name, shape, size }) => [
      name,
      { shape, values: new Float32Array(size).fill(value) },
    ]),
  );
  const bytes = encodeSafetensors(tensors, {});
  const file = `ct-${value}.safetensors`;
  writeFileSync(join(folder, file), bytes);
  return `model.pretrained={encoder:ct: {file: ${file}, sha256: ${sha256(bytes)}}}`;
}

function run(settings: readonly string[], options: Partial<FederationOptions> = {}) {
  return runFederation({
    study: hospitalStudy(...STILL, ...settings),
    cohorts: hospitalCohorts(),
    scenario: CALM,
    pool,
    storage: transientStorage('last-three'),
    assets: folderAssets(folder),
    signal: new AbortController().signal,
    ...options,
  });
}

describe('a federation with pretrained weights', () => {
  it('starts the encoder from the file, and every other block as without it', async () => {
    const [plain, seeded] = [await run([]), await run([fileOf(0.25)])];
    const block = encoderBlock(CT);
    for (const value of seeded.blocks.get(block) ?? []) expect(value).toBeCloseTo(0.25, 3);
    expect(plain.blocks.get(block)?.every((value) => Math.abs(value - 0.25) < 1e-3)).toBe(false);
    for (const [id, values] of plain.blocks) {
      if (id === block) continue;
      values.forEach((value, i) => {
        expect(seeded.blocks.get(id)?.[i]).toBeCloseTo(value, 3);
      });
    }
  });

  it('is refused before any site is asked where the file is another', async () => {
    const setting = fileOf(0.5);
    writeFileSync(join(folder, 'ct-0.5.safetensors'), 'other');
    const untouched: TrainingPool = { ...pool, open: () => expect.unreachable('no site is asked') };
    await expect(run([setting], { pool: untouched })).rejects.toMatchObject({ code: 'ASSET_MISMATCH' });
  });

  it('is refused where nothing says in which folder the file is', async () => {
    await expect(
      runFederation({
        study: hospitalStudy(...STILL, fileOf(0.75)),
        cohorts: hospitalCohorts(),
        scenario: CALM,
        pool,
        storage: transientStorage('last-three'),
        signal: new AbortController().signal,
      }),
    ).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      hint: expect.stringContaining('Run the study from its file'),
    });
  });
});
