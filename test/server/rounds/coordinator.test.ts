import { describe, expect, it } from 'vitest';
import type { Coordinator } from '../../../server/rounds/coordinator.ts';
import { decodeEvent } from '../../../server/rounds/event-codec.ts';
import type { SecureTerms } from '../../../server/rounds/secure-session.ts';
import { memoryStore } from '../../../server/storage/memory.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { encoderBlock, JOINT_BLOCK, type SiteId, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import type { Instruction, Update } from '../../../shared/protocol/messages.ts';
import { secureConsortium } from '../../../simulations/engine/secure-consortium.ts';
import {
  CT,
  declarationOf,
  evaluationFor,
  FOUR_SITES,
  LABS,
  playSite,
  type SmallSite,
  STUDY_HASH,
  smallModel,
  smallStudy,
  updateFor,
} from '../../helpers/federation.ts';
import { runStudy, startCoordinator } from '../../helpers/run-study.ts';

const [A, B, C, D] = FOUR_SITES.map(({ site }) => site) as [SiteId, SiteId, SiteId, SiteId];
const CT_BLOCK = encoderBlock(CT);
const LABS_BLOCK = encoderBlock(LABS);

function instruct(coordinator: Coordinator, site: SiteId): Promise<Instruction> {
  return coordinator.awaitInstruction(site, new AbortController().signal);
}

async function declareAll(coordinator: Coordinator, sites: readonly SmallSite[] = FOUR_SITES): Promise<void> {
  for (const site of sites) await coordinator.declare(declarationOf(site));
}

async function trainTask(coordinator: Coordinator, site: SiteId) {
  const instruction = await instruct(coordinator, site);
  if (instruction.kind !== 'train') throw new Error(`expected a training task, got ${instruction.kind}`);
  return instruction;
}

describe('createCoordinator', () => {
  it('runs census, rounds and evaluation to the end', async () => {
    const { result, reports } = await runStudy();
    expect(result.status).toEqual({ kind: 'complete' });
    expect(reports.map(({ round, outcome, closedBy }) => [round, outcome, closedBy])).toEqual([
      [1, 'committed', 'all-in'],
      [2, 'committed', 'all-in'],
      [3, 'committed', 'all-in'],
    ]);
    expect(result.reports).toEqual(reports);
    expect(result.evaluations.test.map(({ site }) => site)).toEqual([A, B, C, D]);
  });

  // By definition: θ + ρ^β · C · Q / A with ρ(ct) = (20 + 40) / 150 and β = 1/2; sites a and b alone hold ct.
  it('moves a block by the weighted mean of its holders, scaled by its rarity', async () => {
    const sent: Update[] = [];
    const train = (site: SiteId, task: Parameters<typeof updateFor>[1]) => {
      const update = updateFor(site, task);
      sent.push(structuredClone(update));
      return update;
    };
    const { result } = await runStudy({ study: smallStudy({ rounds: 1 }) }, { train });
    const parts = sent.flatMap(({ blocks }) => blocks.filter(({ block }) => block === CT_BLOCK));
    expect(parts).toHaveLength(2);
    const weight = parts.reduce((sum, part) => sum + part.weight, 0);
    const expected = [1, 2, 3].map((start, j) => {
      const total = parts.reduce((sum, part) => sum + BigInt(part.vector[j] ?? 0), 0n);
      return Math.fround(start + Math.sqrt(60 / 150) * ((10 * Number(total)) / weight));
    });
    const found = [...(result.blocks.get(CT_BLOCK) ?? [])];
    for (const [j, value] of expected.entries()) expect(found[j]).toBeCloseTo(value, 6);
  });

  it('ends at the same bits whoever answers first', async () => {
    // Losses whose weighted sum depends on the order, unless it is fixed.
    const losses = new Map([A, B, C, D].map((site, k) => [site, [1e16, 1, -1e16, 1][k] as number]));
    const train = (site: SiteId, task: Parameters<typeof updateFor>[1]) => ({
      ...updateFor(site, task),
      loss: losses.get(site) ?? 0,
    });
    const first = await runStudy({}, { train });
    const second = await runStudy({}, { train }, [...FOUR_SITES].reverse());
    expect(second.result.modelHash).toBe(first.result.modelHash);
    const told = ({ reports }: typeof first) => reports.map(({ durationMs: _, ...report }) => report);
    expect(told(second)).toEqual(told(first));
  });

  it('asks each site only for the blocks that it holds', async () => {
    const coordinator = await startCoordinator();
    await declareAll(coordinator);
    const [a, c] = [await trainTask(coordinator, A), await trainTask(coordinator, C)];
    expect([...a.blocks.keys()].sort()).toEqual([CT_BLOCK, LABS_BLOCK, JOINT_BLOCK]);
    expect([...c.blocks.keys()].sort()).toEqual([LABS_BLOCK, JOINT_BLOCK]);
    expect([...(await coordinator.fetchBlock(a.blocks.get(CT_BLOCK) ?? sha256('none')))]).toEqual([1, 2, 3]);
    expect(a.clips.get(CT_BLOCK)).toBe(10);
    expect(await trainTask(coordinator, A)).toEqual(a);
  });

  it('counts a site with too few patients of a modality as no holder', async () => {
    const sites = FOUR_SITES.map((site) => (site.site === C ? { ...site, labs: 4 } : site));
    const coordinator = await startCoordinator({}, sites);
    await declareAll(coordinator, sites);
    expect([...(await trainTask(coordinator, C)).blocks.keys()]).toEqual([JOINT_BLOCK]);
  });

  it('leaves a modality with one holder at that site', async () => {
    const sites = FOUR_SITES.map(({ ct, ...site }) => (site.site === A ? { ...site, ct: 20 } : site));
    const tasks = new Map<SiteId, Instruction>();
    const { result, reports } = await runStudy(
      {},
      {
        onInstruction: (site, instruction) => {
          if (instruction.kind === 'train') tasks.set(site, instruction);
        },
      },
      sites,
    );
    expect(tasks.get(A)).toMatchObject({ solo: new Map([[CT_BLOCK, expect.any(String)]]) });
    expect(tasks.get(B)).toMatchObject({ solo: new Map() });
    expect(reports[0]?.blocks.find(({ block }) => block === CT_BLOCK)).toMatchObject({
      outcome: { kind: 'kept', reason: 'stays-at-site' },
      contributors: [],
    });
    expect([...(result.blocks.get(CT_BLOCK) ?? [])]).toEqual([1, 2, 3]);
    expect(result.trainedBlocks.has(CT_BLOCK)).toBe(false);
  });

  it('keeps a block below its quorum, with its moments and its own step count', async () => {
    const store = memoryStore();
    const study = smallStudy({
      merge: { server: { kind: 'fedadam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.01 } },
    });
    const { reports } = await runStudy(
      { study, store },
      { train: (site, task) => (site === B && task.round === 2 ? undefined : updateFor(site, task)) },
    );
    const outcomes = reports.map(
      ({ blocks }) => blocks.find(({ block }) => block === CT_BLOCK)?.outcome.kind,
    );
    expect(outcomes).toEqual(['merged', 'kept', 'merged']);
    expect(reports[1]?.missing).toEqual([{ site: B, reason: 'declined' }]);
    const commits = (await store.events.read())
      .map(decodeEvent)
      .filter(({ type }) => type === 'round.committed');
    const steps = commits.map(
      (event) => event.type === 'round.committed' && event.optimizer.get(CT_BLOCK)?.step,
    );
    expect(steps).toEqual([1, undefined, 2]);
  });

  it('lets a refused update leave no trace', async () => {
    const spoilt = (site: SiteId, task: Parameters<typeof updateFor>[1]): Update => {
      const update = updateFor(site, task);
      if (site !== D) return update;
      const [first, ...rest] = update.blocks;
      if (first === undefined) return update;
      // The first block is sound, the last is not: nothing of the update may count.
      return { ...update, blocks: [first, ...rest.map((part) => ({ ...part, weight: part.weight + 1 }))] };
    };
    const refused = await runStudy({}, { train: spoilt });
    const declined = await runStudy(
      {},
      { train: (site, task) => (site === D ? undefined : updateFor(site, task)) },
    );
    expect(refused.result.modelHash).toBe(declined.result.modelHash);
    expect(refused.reports[0]?.missing).toEqual([
      { site: D, reason: expect.stringMatching(/^refused: .*registered/) },
    ]);
  });

  it('answers an update sent again, late, early, or by a stranger', async () => {
    const coordinator = await startCoordinator();
    await declareAll(coordinator);
    const tasks = await Promise.all([A, B, C, D].map((site) => trainTask(coordinator, site)));
    const updates = [A, B, C, D].map((site, k) => updateFor(site, tasks[k] as (typeof tasks)[number]));
    const [a, b, c, d] = updates as [Update, Update, Update, Update];
    expect(await coordinator.submitUpdate(a)).toEqual({ kind: 'accepted' });
    expect(await coordinator.submitUpdate(a)).toEqual({ kind: 'duplicate' });
    expect(await coordinator.submitUpdate({ ...b, round: 2 })).toMatchObject({ kind: 'refused' });
    expect(await coordinator.submitUpdate({ ...b, studyHash: sha256('other') })).toMatchObject({
      kind: 'refused',
    });
    expect(await coordinator.submitUpdate({ ...b, site: siteId('stranger') })).toMatchObject({
      kind: 'refused',
    });
    await coordinator.decline(D, 1);
    expect(await coordinator.submitUpdate(d)).toEqual({ kind: 'late', openRound: 1 });
    await coordinator.submitUpdate(b);
    await coordinator.submitUpdate(c);
    expect(await coordinator.submitUpdate(a)).toEqual({ kind: 'duplicate' });
    expect(await coordinator.submitUpdate(d)).toEqual({ kind: 'late', openRound: 2 });
  });

  it('refuses a declaration of another study or another site', async () => {
    const coordinator = await startCoordinator();
    const [first] = FOUR_SITES as [SmallSite];
    const declaration = declarationOf(first);
    await expect(coordinator.declare({ ...declaration, studyHash: sha256('x') })).rejects.toThrow(
      /not of this study/,
    );
    await expect(coordinator.declare({ ...declaration, site: siteId('stranger') })).rejects.toThrow(/roster/);
    await expect(instruct(coordinator, siteId('stranger'))).rejects.toThrow(/roster/);
  });

  it('fails a round without a quorum, keeps the model and takes the next number', async () => {
    const { result, reports } = await runStudy(
      {},
      { train: (site, task) => (task.round === 2 ? undefined : updateFor(site, task)) },
    );
    expect(reports.map(({ outcome }) => outcome)).toEqual(['committed', 'failed', 'committed']);
    expect(reports[1]?.modelHash).toBe(reports[0]?.modelHash);
    expect(reports[1]?.blocks.map(({ outcome }) => outcome)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'kept', reason: 'below-quorum', detail: '0 of 2 holders' })),
    );
    expect(result.status).toEqual({ kind: 'complete' });
  });

  it('aborts the study after three failed rounds in a row', async () => {
    const { result } = await runStudy({ study: smallStudy({ rounds: 9 }) }, { train: () => undefined });
    expect(result.status).toMatchObject({ kind: 'aborted', code: 'NO_QUORUM' });
    expect(result.reports).toHaveLength(3);
  });

  it('pauses after three failed rounds in a row where somebody can resume it, says who is missing, and starts to count anew', async () => {
    const clock = virtualClock();
    const reasons: string[] = [];
    const coordinator = await startCoordinator({
      clock,
      study: smallStudy({ rounds: 9 }),
      pause: async (reason) => {
        reasons.push(reason);
      },
      policy: { roundLimitMs: 1000 },
    });
    await declareAll(coordinator);
    const failRounds = async (count: number) => {
      for (let i = 0; i < count; i++) {
        clock.advance(1000);
        await coordinator.tick();
      }
    };
    await failRounds(2);
    expect(reasons).toEqual([]);
    // The third fails; time that goes by then opens no fourth.
    await failRounds(3);
    expect((await coordinator.result()).reports).toHaveLength(3);
    const reason = `NO_QUORUM: 3 rounds in a row without a quorum; missing in the last one: ${[A, B, C, D].join(', ')}`;
    expect(new Set(reasons)).toEqual(new Set([reason]));
    expect((await coordinator.result()).status).toEqual({ kind: 'running' });
    const told = reasons.length;
    await coordinator.resume();
    await failRounds(2);
    expect(reasons).toHaveLength(told);
    for (const site of [A, B, C, D])
      await coordinator.submitUpdate(updateFor(site, await trainTask(coordinator, site)));
    const { reports } = await coordinator.result();
    expect(reports.map(({ outcome }) => outcome)).toEqual([...Array(5).fill('failed'), 'committed']);
  });

  it('closes on quorum and grace, and names who vanished', async () => {
    const clock = virtualClock();
    const coordinator = await startCoordinator({ clock, policy: { graceMs: 1000, roundLimitMs: 1e6 } });
    await declareAll(coordinator);
    for (const site of [A, B])
      await coordinator.submitUpdate(updateFor(site, await trainTask(coordinator, site)));
    clock.advance(999);
    await coordinator.tick();
    expect((await coordinator.result()).reports).toHaveLength(0);
    clock.advance(1);
    await coordinator.tick();
    const [report] = (await coordinator.result()).reports;
    expect(report).toMatchObject({ closedBy: 'quorum-and-grace', outcome: 'committed', durationMs: 1000 });
    expect(report?.missing).toEqual([C, D].map((site) => ({ site, reason: 'vanished' })));
  });

  it('R7: waits past quorum and grace for who moved within a grace, and for nobody else', async () => {
    const clock = virtualClock();
    let movedMs = 0;
    const coordinator = await startCoordinator({
      clock,
      policy: { graceMs: 1000, roundLimitMs: 1e6 },
      idleMs: (site) => (site === C ? clock.now() - movedMs : Number.POSITIVE_INFINITY),
    });
    await declareAll(coordinator);
    for (const site of [A, B])
      await coordinator.submitUpdate(updateFor(site, await trainTask(coordinator, site)));
    clock.advance(5000);
    movedMs = 4001;
    await coordinator.tick();
    expect((await coordinator.result()).reports).toHaveLength(0);
    clock.advance(1);
    await coordinator.tick();
    expect((await coordinator.result()).reports[0]).toMatchObject({ closedBy: 'quorum-and-grace' });
  });

  // Answers after 8 s and 10 s: the median time is 10 s, half of it 5 s, more than the grace of 1 s.
  it('waits for half of the median time where that is longer than the grace', async () => {
    const clock = virtualClock();
    const coordinator = await startCoordinator({ clock, policy: { graceMs: 1000, roundLimitMs: 1e6 } });
    await declareAll(coordinator);
    for (const [site, waitMs] of [
      [A, 8000],
      [B, 2000],
    ] as const) {
      clock.advance(waitMs);
      await coordinator.submitUpdate(updateFor(site, await trainTask(coordinator, site)));
    }
    clock.advance(4999);
    await coordinator.tick();
    expect((await coordinator.result()).reports).toHaveLength(0);
    clock.advance(1);
    await coordinator.tick();
    expect((await coordinator.result()).reports).toHaveLength(1);
  });

  it('closes at the deadline without a quorum, and the round fails', async () => {
    const clock = virtualClock();
    const coordinator = await startCoordinator({ clock, policy: { roundLimitMs: 5000 } });
    await declareAll(coordinator);
    await coordinator.submitUpdate(updateFor(C, await trainTask(coordinator, C)));
    clock.advance(5000);
    await coordinator.tick();
    expect((await coordinator.result()).reports[0]).toMatchObject({
      closedBy: 'deadline',
      outcome: 'failed',
    });
  });

  it('goes on without sites that never declare themselves or never evaluate', async () => {
    const clock = virtualClock();
    const coordinator = await startCoordinator({
      clock,
      policy: { censusLimitMs: 100, evaluationLimitMs: 100 },
    });
    await declareAll(coordinator, FOUR_SITES.slice(0, 3));
    clock.advance(100);
    await coordinator.tick();
    for (const site of [A, B, C])
      await coordinator.submitUpdate(updateFor(site, await trainTask(coordinator, site)));
    expect(await instruct(coordinator, A)).toMatchObject({ kind: 'evaluate', part: 'validation', round: 1 });
    clock.advance(100);
    await coordinator.tick();
    expect(await instruct(coordinator, A)).toMatchObject({ kind: 'train', round: 2 });
  });

  it('asks a site that joins later from its round on', async () => {
    const sites = FOUR_SITES.map((site) => (site.site === D ? { ...site, fromRound: 3 } : site));
    const { reports } = await runStudy({}, {}, sites);
    const joint = reports.map(
      ({ blocks }) => blocks.find(({ block }) => block === JOINT_BLOCK)?.contributors.length,
    );
    expect(joint).toEqual([3, 3, 4]);
  });

  it('starts a modality when its second holder joins', async () => {
    const sites = FOUR_SITES.map((site) => (site.site === B ? { ...site, fromRound: 2 } : site));
    const { reports } = await runStudy({}, {}, sites);
    const ct = reports.map(({ blocks }) => blocks.find(({ block }) => block === CT_BLOCK)?.outcome.kind);
    expect(ct).toEqual(['kept', 'merged', 'merged']);
  });

  it('lets a site gain a modality by declaring anew', async () => {
    const coordinator = await startCoordinator();
    await declareAll(coordinator);
    await trainTask(coordinator, C);
    const before = (await coordinator.result()).census;
    await coordinator.declare(declarationOf({ site: C, patients: 10, labs: 10, ct: 10 }));
    for (const site of [A, B, C, D])
      await coordinator.submitUpdate(updateFor(site, await trainTask(coordinator, site)));
    for (const site of [A, B, C, D]) {
      const task = await instruct(coordinator, site);
      if (task.kind === 'evaluate') await coordinator.submitEvaluation(evaluationFor(site, task));
    }
    const task = await trainTask(coordinator, C);
    expect([...task.blocks.keys()].sort()).toEqual([CT_BLOCK, LABS_BLOCK, JOINT_BLOCK]);
    const after = (await coordinator.result()).census;
    // 4 · (20 + 40) before, and 4 · 10 more.
    expect([before, after].map((census) => census?.registeredWeights.get(CT_BLOCK))).toEqual([240, 280]);
    expect(after?.normalization).toEqual(before?.normalization);
  });

  it('invites only the sites that take part in the round', async () => {
    const { reports } = await runStudy({
      participation: (round) => new Set(round === 2 ? [C, D] : [A, B, C, D]),
    });
    expect(reports[1]?.blocks.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'kept', reason: 'few-invited' },
      { kind: 'merged' },
      { kind: 'merged' },
    ]);
    expect(reports[1]?.missing).toEqual([]);
  });

  it('publishes the best validated round, and evaluates that one', async () => {
    const evaluated: Instruction[] = [];
    const { result, reports } = await runStudy(
      {
        study: smallStudy({ rounds: 4, choose: 'best-validation' }),
        // Round 2 and 3 are equally good: the earlier one counts.
        score: ([first]) => {
          const [sums] = first?.subsets ?? [];
          return sums?.kind === 'regression' ? -Math.abs(sums.sumTruth - 2.5) : undefined;
        },
      },
      { onInstruction: (site, task) => site === A && evaluated.push(task) },
    );
    expect(reports.map(({ validationScore }) => validationScore)).toEqual([-1.5, -0.5, -0.5, -1.5]);
    expect([result.round, result.modelHash]).toEqual([2, reports[1]?.modelHash]);
    const last = evaluated.filter((task) => task.kind === 'evaluate').slice(-2);
    expect(last).toMatchObject([
      { round: 2, part: 'validation', subsets: [[CT, LABS], [CT], [LABS]] },
      { round: 2, part: 'test', subsets: [[CT, LABS], [CT], [LABS]] },
    ]);
  });

  it('evaluates every so many rounds and after the last', async () => {
    const { reports } = await runStudy({ study: smallStudy({ rounds: 5, every: 2 }), score: () => 0.5 });
    expect(reports.map(({ validationScore }) => validationScore)).toEqual([
      undefined,
      0.5,
      undefined,
      0.5,
      0.5,
    ]);
  });

  it('sends a site only the blocks that it can use for an evaluation', async () => {
    const tasks: Instruction[] = [];
    await runStudy({}, { onInstruction: (site, task) => site === C && tasks.push(task) });
    const evaluate = tasks.find((task) => task.kind === 'evaluate');
    expect(evaluate?.kind === 'evaluate' && [...evaluate.blocks.keys()].sort()).toEqual([
      LABS_BLOCK,
      JOINT_BLOCK,
    ]);
  });

  it('merges robustly, and keeps a block with too few holders for it', async () => {
    const study = smallStudy({ merge: { robust: { kind: 'trimmed-mean', trim: 1 } } });
    const { reports } = await runStudy({ study });
    expect(reports[0]?.blocks.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'kept', reason: 'robust-precondition' },
      { kind: 'merged' },
      { kind: 'merged' },
    ]);
  });

  it('runs FedNova, which refuses no honest update', async () => {
    const { result } = await runStudy(
      { study: smallStudy({ merge: { fedNova: true } }) },
      { train: (site, task) => updateFor(site, task, { fedNova: true }) },
    );
    expect(
      result.reports.every(({ missing, outcome }) => missing.length === 0 && outcome === 'committed'),
    ).toBe(true);
  });

  it('keeps a block whose next weights would not be finite', async () => {
    const blocks = smallModel().map((block) =>
      block.layout.id === JOINT_BLOCK ? { ...block, values: Float32Array.of(3.4e38) } : block,
    );
    const study = smallStudy({ merge: { learningRate: 1e38 } });
    const { result, reports } = await runStudy({ study, initialBlocks: async () => blocks });
    expect(reports[0]?.blocks[2]?.outcome).toMatchObject({ kind: 'kept', reason: 'out-of-range' });
    expect(result.blocks.get(JOINT_BLOCK)?.every(Number.isFinite)).toBe(true);
  });

  it('tells a site that waits when the study is aborted, and lets it stop waiting', async () => {
    const coordinator = await startCoordinator();
    await coordinator.declare(declarationOf(FOUR_SITES[0] as SmallSite));
    const waiting = instruct(coordinator, A);
    const stop = new AbortController();
    const stopped = coordinator.awaitInstruction(A, stop.signal);
    stop.abort(new Error('shutting down'));
    await expect(stopped).rejects.toThrow('shutting down');
    await coordinator.abort('the lead said so');
    expect(await waiting).toEqual({ kind: 'finished', reason: 'aborted' });
    expect((await coordinator.result()).status).toMatchObject({
      kind: 'aborted',
      reason: 'the lead said so',
    });
  });

  it('ends a study whose census cannot be agreed, and says why', async () => {
    // Nobody holds ct.
    const sites = FOUR_SITES.map(({ ct: _, ...site }) => site);
    const { result } = await runStudy({}, {}, sites);
    expect(result.status).toMatchObject({ kind: 'aborted', code: 'NO_HOLDER' });
  });

  it('weighs the loss by patients', async () => {
    const { reports } = await runStudy(
      { study: smallStudy({ rounds: 1 }) },
      { train: (site, task) => ({ ...updateFor(site, task), loss: site === D ? 2 : 1 }) },
    );
    // (30 + 50 + 10) · 1 + 60 · 2 over 150.
    expect(reports[0]?.loss).toBeCloseTo(1.4, 12);
  });

  it('has no loss where the study adds noise, since the sites tell none', async () => {
    const record = { clip: 1, noise: { kind: 'multiplier', multiplier: 1 } } as const;
    const study = smallStudy({ rounds: 1 });
    const noised = { ...study, privacy: { ...study.privacy, record } };
    const { reports } = await runStudy({ study: noised });
    expect(reports[0]?.outcome).toBe('committed');
    expect(reports[0]?.loss).toBeUndefined();
  });

  it('finishes for a site that asks after the end', async () => {
    const { coordinator } = await runStudy();
    await playSite(coordinator, FOUR_SITES[0] as SmallSite);
    expect(await instruct(coordinator, A)).toEqual({ kind: 'finished', reason: 'complete' });
  });
});

describe('a study with secure aggregation', () => {
  const plain = smallStudy({ merge: { minHolders: 3 } });
  const study = { ...plain, privacy: { ...plain.privacy, secureAggregation: true } };
  const secure = secureConsortium(study, STUDY_HASH, [A, B, C, D])?.terms as SecureTerms;
  const refused = { kind: 'refused', code: 'BAD_CONTRIBUTION' };

  it('takes no update and no evaluation of a single site', async () => {
    const coordinator = await startCoordinator({ study, secure });
    const update = { site: A, studyHash: STUDY_HASH, round: 1, blocks: [], loss: 1 };
    expect(await coordinator.submitUpdate(update)).toMatchObject(refused);
    const evaluation = { site: A, studyHash: STUDY_HASH, round: 1, part: 'test' as const, subsets: [] };
    expect(await coordinator.submitEvaluation(evaluation)).toMatchObject(refused);
  });

  it('is the only kind in which a site is ready for a session: elsewhere the round waits for its update', async () => {
    const coordinator = await startCoordinator();
    await declareAll(coordinator);
    const task = await trainTask(coordinator, A);
    const blocks = [...task.blocks.keys()];
    const notice = { site: A, studyHash: STUDY_HASH, round: 1, purpose: 'train' as const, blocks };
    expect(await coordinator.reportReady(notice)).toMatchObject(refused);
    expect(await coordinator.submitUpdate(updateFor(A, task))).toEqual({ kind: 'accepted' });
  });
});
