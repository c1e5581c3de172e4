import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Circumstances, participate } from '../../../client/rounds/participant.ts';
import type { SiteState } from '../../../client/rounds/site-state.ts';
import { type SiteMemory, transientMemory } from '../../../client/storage/site-memory.ts';
import type { Coordinator } from '../../../server/rounds/coordinator.ts';
import { DEFAULT_POLICY } from '../../../server/rounds/policy.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { encoderBlock, JOINT_BLOCK, SITE_BLOCK, siteId } from '../../../shared/core/ids.ts';
import type { CoordinatorPort } from '../../../shared/protocol/coordinator-port.ts';
import type { Update } from '../../../shared/protocol/messages.ts';
import {
  CT,
  declarationOf,
  FOUR_SITES,
  LABS,
  type SmallSite,
  STUDY_HASH,
  smallStudy,
} from '../../helpers/federation.ts';
import { startCoordinator } from '../../helpers/run-study.ts';
import { type TinyTrainer, tinyTrainer } from '../../helpers/tiny-trainer.ts';

const [A, B, C, D] = FOUR_SITES as [SmallSite, SmallSite, SmallSite, SmallSite];

interface Part {
  readonly port?: CoordinatorPort;
  readonly trainer?: TinyTrainer;
  readonly memory?: SiteMemory;
  readonly circumstances?: Circumstances;
  readonly signal?: AbortSignal;
  onState?(state: SiteState): void;
}

function play(coordinator: Coordinator, small: SmallSite, part: Part = {}): Promise<SiteState> {
  return participate({
    site: small.site,
    study: smallStudy(),
    studyHash: STUDY_HASH,
    declaration: declarationOf(small),
    port: coordinator,
    trainer: tinyTrainer(),
    memory: transientMemory('last-three'),
    signal: new AbortController().signal,
    ...part,
  });
}

/** The coordinator's port, with every update that went in written down. */
function watched(coordinator: Coordinator): { port: CoordinatorPort; updates: Update[] } {
  const updates: Update[] = [];
  const submitUpdate = async (update: Update) => {
    const receipt = await coordinator.submitUpdate(update);
    updates.push(update);
    return receipt;
  };
  return { port: { ...coordinator, submitUpdate }, updates };
}

/** In `round` the site fares so; in all others it answers. */
function inRound(round: number, fate: ReturnType<Circumstances['fate']>): Circumstances {
  return { absent: () => [], fate: (each) => (each === round ? fate : { kind: 'answers' }) };
}

describe('participate', () => {
  it('goes from the declaration through every round to the end', async () => {
    const coordinator = await startCoordinator();
    const trainer = tinyTrainer();
    const states: string[] = [];
    const onState = (state: SiteState) => states.push(`${state.phase} ${state.round}`);
    const [last] = await Promise.all([
      play(coordinator, A, { trainer, onState }),
      ...[B, C, D].map((site) => play(coordinator, site)),
    ]);
    expect(states).toEqual([
      ...['training 1', 'trained 1', 'sent 1'],
      ...['training 2', 'trained 2', 'sent 2'],
      ...['training 3', 'trained 3', 'sent 3'],
      'finished 3',
    ]);
    expect(last).toEqual({ phase: 'finished', round: 3 });
    expect(trainer.prepared()).toBeGreaterThan(0);
    // Every site moves by 1/8, 2/8, 3/8, so the mean does: 6 + 6/8 (the ring has steps far below 1e-6).
    const { blocks } = await coordinator.result();
    expect(blocks.get(JOINT_BLOCK)?.[0]).toBeCloseTo(6.75, 6);
  });

  it('declines a round in which training diverged, sends nothing of it, and goes on', async () => {
    const coordinator = await startCoordinator();
    const { port, updates } = watched(coordinator);
    const states: SiteState[] = [];
    const trainer = tinyTrainer(({ round }) => {
      if (round === 2) throw new ConsiliumError('NOT_FINITE', 'expected a finite loss, got NaN');
      return undefined;
    });
    await Promise.all([
      play(coordinator, A, { port, trainer, onState: (state) => states.push(state) }),
      ...[B, C, D].map((site) => play(coordinator, site)),
    ]);
    expect(states).toContainEqual({ phase: 'withdrawn', round: 2, reason: 'diverged' });
    expect(updates.map(({ round }) => round)).toEqual([1, 3]);
    const { reports } = await coordinator.result();
    expect(reports.map(({ missing }) => missing)).toEqual([[], [{ site: A.site, reason: 'declined' }], []]);
  });

  it('starts the round after a diverged one from what the last good round left', async () => {
    const coordinator = await startCoordinator();
    const trainer = tinyTrainer(({ round }) => {
      if (round === 2) throw new ConsiliumError('NOT_FINITE', 'expected a finite loss, got NaN');
      return undefined;
    });
    await Promise.all([
      play(coordinator, A, { trainer }),
      ...[B, C, D].map((site) => play(coordinator, site)),
    ]);
    // Round 1 moved the site block from 0 to 1/8; round 2 left nothing.
    expect(trainer.asked.map(({ local }) => local.get(SITE_BLOCK)?.[0])).toEqual([undefined, 0.125, 0.125]);
  });

  it('declines a round in which it can read no patient', async () => {
    const coordinator = await startCoordinator();
    const { port, updates } = watched(coordinator);
    const states: SiteState[] = [];
    const trainer = tinyTrainer(({ round, local }) =>
      round === 1 ? { updates: [], local, loss: 0, patients: 0, dropped: 0 } : undefined,
    );
    await Promise.all([
      play(coordinator, D, { port, trainer, onState: (state) => states.push(state) }),
      ...[A, B, C].map((site) => play(coordinator, site)),
    ]);
    expect(states).toContainEqual({ phase: 'withdrawn', round: 1, reason: 'no-patients' });
    expect(updates.map(({ round }) => round)).toEqual([2, 3]);
  });

  it('ends with a failure that is not about numbers', async () => {
    const coordinator = await startCoordinator();
    const stop = new AbortController();
    const trainer = tinyTrainer(() => {
      throw new Error('the disk is gone');
    });
    const others = [B, C, D].map((site) => play(coordinator, site, { signal: stop.signal }));
    await expect(play(coordinator, A, { trainer })).rejects.toThrow('the disk is gone');
    stop.abort();
    await Promise.allSettled(others);
  });

  it('is not heard of in a round in which it vanishes, and does not train', async () => {
    const coordinator = await startCoordinator();
    const trainer = tinyTrainer();
    const states: SiteState[] = [];
    await Promise.all([
      play(coordinator, D, {
        trainer,
        circumstances: inRound(2, { kind: 'vanishes' }),
        onState: (state) => states.push(state),
      }),
      ...[A, B, C].map((site) => play(coordinator, site)),
    ]);
    expect(trainer.asked.map(({ round }) => round)).toEqual([1, 3]);
    expect(states).toContainEqual({ phase: 'withdrawn', round: 2, reason: 'scenario' });
  });

  it('is told that it is late when the round was closed without it', async () => {
    const clock = virtualClock();
    const coordinator = await startCoordinator({ clock });
    const states: SiteState[] = [];
    const { port, updates } = watched(coordinator);
    const release = async () => {
      while (updates.filter(({ round }) => round === 2).length < 3) await setImmediate();
      clock.advance(DEFAULT_POLICY.roundLimitMs);
      await coordinator.tick();
    };
    await Promise.all([
      play(coordinator, D, {
        circumstances: inRound(2, { kind: 'delayed', release }),
        onState: (state) => states.push(state),
      }),
      ...[A, B, C].map((site) => play(coordinator, site, { port })),
    ]);
    expect(states).toContainEqual({ phase: 'sent', round: 2, receipt: 'late' });
    const { reports } = await coordinator.result();
    expect(reports[1]?.missing).toEqual([{ site: D.site, reason: 'vanished' }]);
    expect(reports[2]?.missing).toEqual([]);
  });

  it('asks for the delay only once it has something to send', async () => {
    const coordinator = await startCoordinator();
    let released = 0;
    const release = async () => {
      released++;
    };
    const trainer = tinyTrainer(({ round, local }) =>
      round === 2 ? { updates: [], local, loss: 0, patients: 0, dropped: 0 } : undefined,
    );
    await Promise.all([
      play(coordinator, D, { trainer, circumstances: inRound(2, { kind: 'delayed', release }) }),
      ...[A, B, C].map((site) => play(coordinator, site)),
    ]);
    expect(released).toBe(0);
  });

  it('tells the trainer what cannot be read in the round', async () => {
    const coordinator = await startCoordinator();
    const trainer = tinyTrainer();
    const circumstances: Circumstances = {
      absent: (round) => (round === 2 ? [CT] : []),
      fate: () => ({ kind: 'answers' }),
    };
    await Promise.all([
      play(coordinator, A, { trainer, circumstances }),
      ...[B, C, D].map((site) => play(coordinator, site)),
    ]);
    expect(trainer.asked.map(({ absent }) => absent)).toEqual([[], [CT], []]);
  });

  it('stops when it is told to, also when there is something to do', async () => {
    const coordinator = await startCoordinator();
    const stop = new AbortController();
    const trainer = tinyTrainer(() => {
      stop.abort(new Error('enough'));
      return undefined;
    });
    const others = new AbortController();
    const rest = [B, C, D].map((site) => play(coordinator, site, { signal: others.signal }));
    await expect(play(coordinator, A, { trainer, signal: stop.signal })).rejects.toThrow('enough');
    // The round that was under way was finished, and no other begun.
    expect(trainer.asked).toHaveLength(1);
    others.abort();
    await Promise.allSettled(rest);
  });
});

describe('blocks that stay at the site', () => {
  /** c and d hold labs only, so nobody but a holds ct. */
  const ALONE = [A, C, D];

  it('are trained from the copy of the round before, beginning with the round’s own', async () => {
    const coordinator = await startCoordinator({}, ALONE);
    const trainer = tinyTrainer();
    await Promise.all([play(coordinator, A, { trainer }), ...[C, D].map((site) => play(coordinator, site))]);
    const own = trainer.asked.map(({ local }) => [...(local.get(encoderBlock(CT)) ?? [])]);
    // ct starts at 1, 2, 3 in the small model; rounds 1 and 2 add 1/8 and 2/8.
    expect(own).toEqual([
      [1, 2, 3],
      [1.125, 2.125, 3.125],
      [1.375, 2.375, 3.375],
    ]);
    expect(trainer.asked.map(({ local }) => local.get(SITE_BLOCK)?.[0])).toEqual([undefined, 0.125, 0.375]);
  });

  it('are never in an update', async () => {
    const coordinator = await startCoordinator({}, ALONE);
    const { port, updates } = watched(coordinator);
    await Promise.all(ALONE.map((site) => play(coordinator, site, { port })));
    expect(updates).toHaveLength(9);
    for (const { blocks } of updates) {
      expect(blocks.map(({ block }) => block).sort()).toEqual([encoderBlock(LABS), JOINT_BLOCK]);
    }
    const { blocks } = await coordinator.result();
    expect([...(blocks.get(encoderBlock(CT)) ?? [])]).toEqual([1, 2, 3]);
  });

  it('start a round that is asked for again from the same values', async () => {
    const coordinator = await startCoordinator({}, ALONE);
    const memory = transientMemory('last-three');
    const trainer = tinyTrainer();
    let isCut = true;
    const port: CoordinatorPort = {
      ...coordinator,
      async submitUpdate(update) {
        if (update.round === 2 && isCut) {
          isCut = false;
          throw new Error('the line was cut');
        }
        return coordinator.submitUpdate(update);
      },
    };
    const others = [C, D].map((site) => play(coordinator, site));
    await expect(play(coordinator, A, { port, trainer, memory })).rejects.toThrow('the line was cut');
    // Round 2 was saved already; the site comes back as a new process would.
    await play(coordinator, A, { port, trainer, memory });
    await Promise.all(others);
    expect(trainer.asked.map(({ round }) => round)).toEqual([1, 2, 2, 3]);
    expect(trainer.asked[2]).toEqual(trainer.asked[1]);
    expect(trainer.asked[3]?.local.get(SITE_BLOCK)).toEqual(Float32Array.of(0.375));
  });

  it('follow the coordinator again once a second site holds the modality', async () => {
    const late = { ...B, fromRound: 2 };
    const sites = [A, late, C, D];
    const coordinator = await startCoordinator({}, sites);
    const trainer = tinyTrainer();
    await Promise.all([
      play(coordinator, A, { trainer }),
      ...[late, C, D].map((site) => play(coordinator, site)),
    ]);
    const [first, second] = trainer.asked;
    expect([first?.local.has(encoderBlock(CT)), first?.blocks.has(encoderBlock(CT))]).toEqual([true, false]);
    expect([second?.local.has(encoderBlock(CT)), second?.blocks.has(encoderBlock(CT))]).toEqual([
      false,
      true,
    ]);
    expect([...(second?.blocks.get(encoderBlock(CT)) ?? [])]).toEqual([1, 2, 3]);
  });
});

describe('a site of no roster', () => {
  it('is refused', async () => {
    const coordinator = await startCoordinator();
    const stranger = { ...A, site: siteId('site-x') };
    await expect(play(coordinator, stranger)).rejects.toMatchObject({ code: 'STATE_MISMATCH' });
  });
});
