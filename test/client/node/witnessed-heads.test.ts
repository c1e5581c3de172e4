import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { witnessedHeads } from '../../../client/node/witnessed-heads.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { generateSigningKey } from '../../../shared/crypto/sign.ts';
import { signLasting } from '../../../shared/identity/envelope.ts';
import { encodeStudyHead } from '../../../shared/wire/study-codec.ts';

const STUDY = sha256('study');
const coordinator = { role: 'coordinator', id: 'coordinator', key: generateSigningKey() } as const;
const { publicKey } = coordinator.key;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'witnessed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const opened = () => witnessedHeads(join(folder, 'study-heads.json'));

function head(round: number, eventSeq: number, signer = coordinator) {
  const content = encodeStudyHead({
    studyHash: STUDY,
    round,
    modelHash: sha256(`model ${round}`),
    eventSeq,
    eventHash: sha256(`event ${eventSeq}`),
    timeMs: 1,
  });
  return signLasting(signer, 'study-head', content);
}

describe('the heads that a site has witnessed', () => {
  it('refuse an older round, and fewer events of the same round, also after a restart', async () => {
    await (await opened()).check([head(5, 40)], publicKey);
    const heads = await opened();
    await expect(heads.check([head(4, 40)], publicKey)).rejects.toMatchObject({
      code: 'COORDINATOR_ROLLED_BACK',
      message: expect.stringMatching(/expected round 5 or later \(event 40\), got 4 \(event 40\)/),
    });
    await expect(heads.check([head(5, 39)], publicKey)).rejects.toMatchObject({
      code: 'COORDINATOR_ROLLED_BACK',
    });
    await heads.check([head(5, 40)], publicKey);
  });

  it('refuse an instruction of an earlier round, which no session had shown', async () => {
    // Session opened at round 3; restored to round 10 after the site was asked to train in round 20.
    await (await opened()).check([head(3, 30)], publicKey);
    await (await opened()).instructed(STUDY, 20);
    const heads = await opened();
    await heads.check([head(10, 80)], publicKey);
    await expect(heads.instructed(STUDY, 11)).rejects.toMatchObject({
      code: 'COORDINATOR_ROLLED_BACK',
      hint: expect.stringContaining('--round 10'),
    });
    // The same round again is an answer that was lost.
    await heads.instructed(STUDY, 20);
  });

  it('go on from the round that the site agreed to, and not from one before it', async () => {
    const heads = await opened();
    await heads.check([head(20, 160)], publicKey);
    await heads.instructed(STUDY, 21);
    await heads.accept(STUDY, 10);
    await expect(heads.check([head(9, 70)], publicKey)).rejects.toMatchObject({
      code: 'COORDINATOR_ROLLED_BACK',
    });
    await heads.check([head(10, 80)], publicKey);
    await heads.instructed(STUDY, 11);
  });

  it('come from the coordinator of the roster alone', async () => {
    const other = { ...coordinator, key: generateSigningKey() };
    const heads = await opened();
    await expect(heads.check([head(5, 40, other)], publicKey)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('are not guessed where their file is damaged', async () => {
    writeFileSync(join(folder, 'study-heads.json'), '{"a": {"round": -1, "seq": 0}}');
    await expect(opened()).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });
});
