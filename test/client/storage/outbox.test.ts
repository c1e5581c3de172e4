import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileOutbox, type Outgoing } from '../../../client/storage/outbox.ts';
import { type BlockId, encoderBlock, JOINT_BLOCK, modalityId, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import type { Evaluation, Update } from '../../../shared/protocol/messages.ts';
import { encodeEvaluation } from '../../../shared/wire/evaluation-codec.ts';
import { updateContent } from '../../../shared/wire/update-content.ts';

const SITE = siteId('north');
const STUDY_HASH = sha256('a study');

const updates: fc.Arbitrary<Update> = fc
  .record({
    vectors: fc.array(fc.int32Array({ minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 3 }),
    loss: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
  })
  .map(({ vectors, loss }) => ({
    site: SITE,
    studyHash: STUDY_HASH,
    round: 3,
    loss,
    blocks: vectors.map((vector, i) => ({
      block: (i === 0 ? JOINT_BLOCK : encoderBlock(modalityId(`m${i}`))) as BlockId,
      weight: 5 + i,
      steps: i,
      vector,
      clipped: i === 1,
    })),
  }));

const UPDATE: Update = {
  site: SITE,
  studyHash: STUDY_HASH,
  round: 3,
  blocks: [
    { block: JOINT_BLOCK, weight: 3, steps: 0, vector: Int32Array.of(1, -2, 2 ** 31 - 1), clipped: true },
  ],
  loss: 0.1 + 0.2,
};

const EVALUATION: Evaluation = {
  site: SITE,
  studyHash: STUDY_HASH,
  round: 3,
  part: 'test',
  subsets: [
    {
      kind: 'regression',
      patients: 12,
      sumTruth: 0.1,
      sumTruthSquares: 1 / 3,
      squaredError: 2.5,
      absoluteError: -0,
    },
    undefined,
  ],
};

async function opened() {
  const folder = await mkdtemp(join(tmpdir(), 'outbox-'));
  return { folder, outbox: fileOutbox(folder) };
}

describe('fileOutbox', () => {
  it('gives an update back as the very bytes that it would have been sent as', async () => {
    const { folder, outbox } = await opened();
    await fc.assert(
      fc.asyncProperty(updates, async (update) => {
        await outbox.put({ kind: 'update', update });
        const found = (await fileOutbox(folder).find({ round: 3, kind: 'update' })) as Extract<
          Outgoing,
          { kind: 'update' }
        >;
        expect(found.update).toEqual(update);
        const bytes = ({ parts }: ReturnType<typeof updateContent>) => Buffer.concat(parts);
        expect(bytes(updateContent(found.update))).toEqual(bytes(updateContent(update)));
        expect(updateContent(found.update).content).toEqual(updateContent(update).content);
      }),
      { numRuns: 30 },
    );
  });

  it('gives an evaluation back as the very bytes that it would have been sent as', async () => {
    const { folder, outbox } = await opened();
    await outbox.put({ kind: 'evaluation', evaluation: EVALUATION });
    const found = await fileOutbox(folder).find({ round: 3, kind: 'test' });
    expect(found).toEqual({ kind: 'evaluation', evaluation: EVALUATION });
    const { evaluation } = found as Extract<Outgoing, { kind: 'evaluation' }>;
    expect(encodeEvaluation(evaluation)).toEqual(encodeEvaluation(EVALUATION));
  });

  it('finds one flipped bit, wherever it is', async () => {
    const { folder, outbox } = await opened();
    await outbox.put({ kind: 'update', update: UPDATE });
    const [name] = await readdir(folder);
    const path = join(folder, name as string);
    const sound = await readFile(path);
    // One bit of each byte, another one each time.
    for (let at = 0; at < sound.length; at++) {
      const damaged = Buffer.from(sound);
      damaged[at] = (damaged[at] as number) ^ (1 << (at & 7));
      await writeFile(path, damaged);
      await expect(outbox.find({ round: 3, kind: 'update' })).rejects.toMatchObject({
        code: 'STATE_CORRUPT',
      });
    }
  });

  it('finds a file that was cut short', async () => {
    const { folder, outbox } = await opened();
    await outbox.put({ kind: 'update', update: UPDATE });
    const path = join(folder, (await readdir(folder))[0] as string);
    const sound = await readFile(path);
    for (const length of [0, 10, sound.length - 4, sound.length - 1]) {
      await writeFile(path, sound.subarray(0, length));
      await expect(outbox.find({ round: 3, kind: 'update' })).rejects.toMatchObject({
        code: 'STATE_CORRUPT',
      });
    }
  });

  it('keeps an update and the evaluations of a round apart, and forgets what is asked', async () => {
    const { folder, outbox } = await opened();
    await outbox.put({ kind: 'update', update: UPDATE });
    await outbox.put({ kind: 'evaluation', evaluation: EVALUATION });
    await outbox.put({ kind: 'evaluation', evaluation: { ...EVALUATION, round: 4, part: 'validation' } });
    await outbox.remove({ round: 3, kind: 'update' });
    expect(await outbox.find({ round: 3, kind: 'update' })).toBeUndefined();
    expect(await outbox.find({ round: 3, kind: 'test' })).toBeDefined();
    await outbox.removeBefore(4);
    expect(await readdir(folder)).toEqual(['round-000004.validation']);
  });

  it('takes no update whose loss has no number', async () => {
    const { outbox } = await opened();
    const update = { ...UPDATE, loss: Number.NaN };
    await expect(outbox.put({ kind: 'update', update })).rejects.toMatchObject({ code: 'NOT_FINITE' });
  });
});
