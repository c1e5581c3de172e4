import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SiteFacts } from '../../../client/policy/decide.ts';
import { policyGate } from '../../../client/policy/gate.ts';
import type { SitePolicy } from '../../../client/policy/policy.ts';
import { readPolicy } from '../../../client/policy/read-policy.ts';
import { fileLedger } from '../../../client/storage/file-ledger.ts';
import { fileOutbox } from '../../../client/storage/outbox.ts';
import { fileTrainingTime } from '../../../client/storage/training-time.ts';
import { outlet } from '../../../client/update/outlet.ts';
import type { AuditEntry } from '../../../shared/audit/audit-line.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { encoderBlock, JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import type { CoordinatorPort } from '../../../shared/protocol/coordinator-port.ts';
import type { Declaration, Evaluation, Instruction, Update } from '../../../shared/protocol/messages.ts';
import { updateContent } from '../../../shared/wire/update-content.ts';
import { LABS, smallStudy } from '../../helpers/small-study.ts';

const SITE = siteId('north');
const HASH = sha256('a study');
/** Noon, UTC. */
const NOON = Date.UTC(2026, 11, 1, 12);

const BASE = smallStudy();
const STUDY = smallStudy({
  merge: {
    ...BASE.merge,
    minHolders: 5,
    minPatients: 50,
    weights: 'bucketed',
    clip: { default: 10, blocks: new Map() },
  },
  evaluation: { ...BASE.evaluation, minCell: 11 },
  training: { ...BASE.training, rounds: 9 },
});
const OPEN: SitePolicy = {
  ...readPolicy('policy: 1', 'policy.yaml'),
  modalities: { release: [LABS], never: [] },
  secureAggregation: { require: false, weights: 'bucketed', maxSingletonChurn: 3 },
  update: { maxClip: 10, maxParameters: 1000, requireModelChain: false },
  evaluation: { metrics: ['auroc', 'auprc', 'brier', 'calibration'], perSite: true },
};

const CENSUS = {
  normalization: { features: new Map() },
  classWeights: [],
  registeredWeights: new Map(),
  rarity: new Map(),
};
const BLOCKS = [JOINT_BLOCK, encoderBlock(LABS)];

function train(round: number): Instruction {
  return {
    kind: 'train',
    round,
    blocks: new Map(BLOCKS.map((block) => [block, sha256(block)])),
    solo: new Map(),
    weights: new Map(BLOCKS.map((block) => [block, 3])),
    clips: new Map(BLOCKS.map((block) => [block, 10])),
    census: CENSUS,
  };
}

function evaluate(round: number): Instruction {
  return { kind: 'evaluate', round, part: 'test', subsets: [[LABS]], blocks: new Map(), census: CENSUS };
}

function update(round: number): Update {
  const blocks = BLOCKS.map((block, i) => ({
    block,
    weight: 3,
    steps: 0,
    vector: Int32Array.of(i, -i, 7),
    clipped: false,
  }));
  return { site: SITE, studyHash: HASH, round, blocks, loss: 0.1 + 0.2 };
}

const EVALUATION: Evaluation = { site: SITE, studyHash: HASH, round: 3, part: 'test', subsets: [undefined] };
const DECLARATION: Declaration = {
  site: SITE,
  studyHash: HASH,
  patients: 60,
  modalityPatients: new Map([[LABS, 60]]),
  moments: new Map(),
  classCounts: [30, 30],
  fromRound: 1,
};

/** A coordinator that says these instructions in turn, and takes down what it hears; `onUpdate` may fail. */
function listening(
  instructions: readonly Instruction[],
  onUpdate: () => Promise<void> = async () => undefined,
) {
  const heard: { readonly kind: string; readonly round?: number; readonly bytes?: string }[] = [];
  const waiting = [...instructions];
  const port: CoordinatorPort = {
    async declare() {
      heard.push({ kind: 'declaration' });
    },
    awaitInstruction: async () => waiting.shift() ?? { kind: 'finished', reason: 'complete' },
    fetchBlock: async () => Float32Array.of(1),
    fetchRecords: async () => [],
    fetchSum: async () => new Int32Array(0),
    async submitUpdate(sent) {
      await onUpdate();
      const bytes = Buffer.concat(updateContent(sent).parts).toString('hex');
      heard.push({ kind: 'update', round: sent.round, bytes });
      return { kind: 'accepted' };
    },
    async reportReady(notice) {
      heard.push({ kind: 'ready', round: notice.round });
      return { kind: 'accepted' };
    },
    async submitSecure(sent) {
      heard.push({ kind: 'secure', round: sent.round });
      return { kind: 'accepted' };
    },
    async statePrivacy() {
      heard.push({ kind: 'privacy-statement' });
    },
    async submitEvaluation(sent) {
      heard.push({ kind: 'evaluation', round: sent.round });
      return { kind: 'accepted' };
    },
    async decline(_site, round) {
      heard.push({ kind: 'decline', round });
    },
  };
  return { port, heard };
}

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const file of open.splice(0)) await file.close();
});

async function opened(port: CoordinatorPort, at?: string) {
  const folder = at ?? (await mkdtemp(join(tmpdir(), 'outlet-')));
  const clock = virtualClock(NOON);
  const audit: AuditEntry[] = [];
  const state = {
    policy: OPEN,
    approvals: [{ studyHash: HASH, untilMs: NOON + 10 * 24 * 3_600_000 }] as SiteFacts['approvals'],
  };
  const ledger = await fileLedger(join(folder, 'ledger.jsonl'));
  const trainingTime = await fileTrainingTime(join(folder, 'training-time.jsonl'));
  open.push(ledger, trainingTime);
  const gate = policyGate({
    study: { hash: HASH, lead: undefined, study: STUDY, parameters: 1000 },
    policy: async () => state.policy,
    approvals: async () => state.approvals,
    ledger,
    trainingTime,
    audit: { append: async (entry) => audit.push(entry) },
    clock,
  });
  const outbox = fileOutbox(join(folder, 'outbox'));
  const out = outlet(port, { study: HASH, gate, ledger, outbox, clock });
  const kinds = async () => (await ledger.lines()).map(({ kind, round }) => `${kind} ${round}`);
  return { folder, clock, audit, state, ledger, trainingTime, outbox, out, kinds };
}

const signal = new AbortController().signal;

describe('outlet', () => {
  it('has the ledger line, then the content on disk, before anything is sent, and forgets it once answered', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'outlet-'));
    const seen: string[] = [];
    const { port } = listening([train(3)], async () => {
      const lines = (await readdir(folder)).includes('ledger.jsonl') ? await site.kinds() : [];
      seen.push(...lines, ...(await readdir(join(folder, 'outbox'))));
    });
    const site = await opened(port, folder);
    await site.out.awaitInstruction(SITE, signal);
    await site.out.submitUpdate(update(3));
    expect(seen).toEqual(['update 3', 'round-000003.update']);
    expect(await readdir(join(folder, 'outbox'))).toEqual([]);
  });

  it('puts each block of an update on the audit log, with the policy that let it out', async () => {
    const { port } = listening([]);
    const site = await opened(port);
    await site.out.submitUpdate(update(3));
    expect(site.audit).toEqual([
      expect.objectContaining({ type: 'update.sent', study: HASH, round: 3 }),
      expect.objectContaining({ type: 'update.sent', study: HASH, round: 3 }),
    ]);
    expect(site.audit[1]?.data).toMatchObject({
      block: 'encoder:labs',
      bytes: 12,
      policy: expect.stringMatching(/^sha256:/),
    });
  });

  it('sends the same bytes again after a crash, without another training, even outside of the training hours', async () => {
    const broken = listening([train(3)], () => Promise.reject(new Error('the process dies here')));
    const before = await opened(broken.port);
    await before.out.awaitInstruction(SITE, signal);
    await expect(before.out.submitUpdate(update(3))).rejects.toThrow('dies here');

    const { port, heard } = listening([train(3)]);
    const after = await opened(port, before.folder);
    after.state.policy = { ...OPEN, schedule: { train: { from: 0, to: 60 }, zone: 'UTC' } };
    expect(await after.out.awaitInstruction(SITE, signal)).toEqual({ kind: 'finished', reason: 'complete' });
    expect(heard).toEqual([
      { kind: 'update', round: 3, bytes: Buffer.concat(updateContent(update(3)).parts).toString('hex') },
    ]);
    // Each sending has its line.
    expect(await after.kinds()).toEqual(['update 3', 'update 3']);
    expect(await after.outbox.find({ round: 3, kind: 'update' })).toBeUndefined();
  });

  it('does not send again what the policy has come to refuse', async () => {
    const broken = listening([train(3)], () => Promise.reject(new Error('the process dies here')));
    const before = await opened(broken.port);
    await expect(before.out.submitUpdate(update(3))).rejects.toThrow('dies here');
    const { port, heard } = listening([train(3)]);
    const after = await opened(port, before.folder);
    after.state.policy = { ...OPEN, modalities: { release: [], never: [] } };
    await after.out.awaitInstruction(SITE, signal);
    expect(heard).toEqual([{ kind: 'decline', round: 3 }]);
  });

  it('sends an evaluation again after a crash', async () => {
    const site = await opened(listening([]).port);
    await site.outbox.put({ kind: 'evaluation', evaluation: EVALUATION });
    const { port, heard } = listening([evaluate(3)]);
    const after = await opened(port, site.folder);
    await after.out.awaitInstruction(SITE, signal);
    expect(heard).toEqual([{ kind: 'evaluation', round: 3 }]);
  });

  it('forgets what earlier rounds left in the outbox', async () => {
    const { port } = listening([train(4)]);
    const site = await opened(port);
    await site.outbox.put({ kind: 'update', update: update(3) });
    expect(await site.out.awaitInstruction(SITE, signal)).toMatchObject({ kind: 'train', round: 4 });
    expect(await site.outbox.find({ round: 3, kind: 'update' })).toBeUndefined();
  });
});

describe('A13: what a policy refuses in a round', () => {
  it('is declined, named on the audit log, and the next round goes on', async () => {
    const { port, heard } = listening([train(10), train(5)]); // the study, and so the policy here, has 9 rounds
    const site = await opened(port);
    site.state.policy = { ...OPEN, limits: { ...OPEN.limits, rounds: 9 } };
    expect(await site.out.awaitInstruction(SITE, signal)).toMatchObject({ kind: 'train', round: 5 });
    expect(heard).toEqual([{ kind: 'decline', round: 10 }]);
    expect(await site.kinds()).toEqual(['decline 10']);
    expect(site.audit).toEqual([
      {
        type: 'policy.refused',
        study: HASH,
        round: 10,
        data: { action: 'train', field: 'limits.rounds', policy: expect.stringMatching(/^sha256:/) },
      },
    ]);
  });

  it('declines an evaluation whose metrics may not leave', async () => {
    const { port, heard } = listening([evaluate(3)]);
    const site = await opened(port);
    site.state.policy = { ...OPEN, evaluation: { metrics: ['auroc'], perSite: true } };
    expect(await site.out.awaitInstruction(SITE, signal)).toMatchObject({ kind: 'finished' });
    expect(heard).toEqual([{ kind: 'decline', round: 3 }]);
  });

  it('declines an evaluation that would leave under the name of the site, where the policy allows none', async () => {
    const { port, heard } = listening([evaluate(3)]);
    const site = await opened(port);
    site.state.policy = { ...OPEN, evaluation: { ...OPEN.evaluation, perSite: false } };
    expect(await site.out.awaitInstruction(SITE, signal)).toMatchObject({ kind: 'finished' });
    expect(heard).toEqual([{ kind: 'decline', round: 3 }]);
  });

  it('keeps an update back when the bytes of the day are used up', async () => {
    const { port, heard } = listening([]);
    const site = await opened(port);
    site.state.policy = { ...OPEN, limits: { ...OPEN.limits, uploadMiBPerDay: 23 / 2 ** 20 } }; // 24 bytes to send
    expect(await site.out.submitUpdate(update(3))).toEqual({
      kind: 'refused',
      code: 'BAD_CONTRIBUTION',
      reason: 'policy: limits.uploadMiBPerDay',
    });
    expect(heard).toEqual([{ kind: 'decline', round: 3 }]);
  });

  it('declines a round when the hours of training are used up, which a restart does not forget', async () => {
    const { port, heard } = listening([train(3), train(4)]);
    const site = await opened(port);
    site.state.policy = { ...OPEN, limits: { ...OPEN.limits, trainingHoursPerDay: 1 } };
    await site.out.awaitInstruction(SITE, signal);
    site.clock.advance(3_600_000);
    await site.out.submitUpdate(update(3));
    const again = await opened(port, site.folder);
    again.clock.advance(3_600_000);
    again.state.policy = site.state.policy;
    await again.out.awaitInstruction(SITE, signal);
    expect(heard.map(({ kind, round }) => `${kind} ${round}`)).toEqual(['update 3', 'decline 4']);
  });

  it('ends the conversation at the next message when the approval is withdrawn', async () => {
    const { port, heard } = listening([train(3)]);
    const site = await opened(port);
    await site.out.declare(DECLARATION);
    site.state.approvals = [];
    await expect(site.out.awaitInstruction(SITE, signal)).rejects.toMatchObject({
      code: 'POLICY_REFUSED',
      message: expect.stringContaining('studies.allow'),
    });
    expect(heard).toEqual([{ kind: 'declaration' }]);
  });

  it('says nothing at all once kill is set, not even that it declines', async () => {
    const { port, heard } = listening([train(3)]);
    const site = await opened(port);
    await site.out.awaitInstruction(SITE, signal);
    site.state.policy = { ...OPEN, kill: true };
    await expect(site.out.submitUpdate(update(3))).rejects.toMatchObject({ code: 'POLICY_REFUSED' });
    await expect(site.out.declare(DECLARATION)).rejects.toMatchObject({ code: 'POLICY_REFUSED' });
    expect(heard).toEqual([]);
    expect(site.audit).toContainEqual(expect.objectContaining({ type: 'policy.changed' }));
  });

  it('declares no modality that may not be released', async () => {
    const { port, heard } = listening([]);
    const site = await opened(port);
    site.state.policy = { ...OPEN, modalities: { release: [], never: [] } };
    await expect(site.out.declare(DECLARATION)).rejects.toMatchObject({
      message: expect.stringContaining('modalities.release'),
    });
    expect(heard).toEqual([]);
  });
});
