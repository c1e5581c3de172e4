import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StudyResult } from '../../server/rounds/study-result.ts';
import { siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { decodeReceipt, encodeCommitRequest } from '../../shared/wire/rounds-codec.ts';
import {
  type HospitalNetwork,
  hospitalNetwork,
  SITES,
  type StartedStudy,
} from '../helpers/hospital-network.ts';
import { siteCalls } from '../helpers/small-network.ts';
import { watchedPool } from '../helpers/watched-pool.ts';

const COMMIT = '/consilium.v1.RoundsService/CommitUpdate';
const NORTH = siteId('north');

let network: HospitalNetwork;
let started: StartedStudy;
beforeEach(async () => {
  network = await hospitalNetwork();
});
afterEach(async () => {
  await started.coordinator.stop(100);
  network.remove();
});

/** Resolves once the coordinator has closed this round. */
async function untilEnded(round: number): Promise<void> {
  const study = started.coordinator.studies.get(started.hash);
  const never = new AbortController().signal;
  for (let seq = 0; ; ) {
    const state = study.coordinator.state();
    if (state.phase !== 'empty' && state.facts.reports.length >= round) return;
    ({ seq } = await study.changes(seq, never));
  }
}

/** A daemon that stops in round 2, and is started again once that has ended. */
async function awayInRound2(site: string): Promise<void> {
  const stop = new AbortController();
  const pool = watchedPool(network.pool, (round) => {
    if (round === 2) stop.abort();
  });
  await expect(started.daemon(site, { pool, signal: stop.signal })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  });
  await untilEnded(2);
  await started.daemon(site);
}

const others = (...left: string[]) => SITES.filter((site) => !left.includes(site));
const contributors = ({ reports }: StudyResult, round: number) => [
  ...new Set(reports[round - 1]?.blocks.flatMap((block) => block.contributors)),
];

describe('a site ten times slower than the others', () => {
  // Ten steps of 400 ms against a grace of 1.5 s that begins after some 0.2 s: without its steps it would be left behind.
  it('R7: is waited for while its steps go on', async () => {
    started = await network.start({ policy: { graceMs: 1500 } });
    const pool = watchedPool(network.pool, async (round, _outcome, tell) => {
      for (let step = 1; round === 1 && step <= 10; step++) {
        tell(step, 10);
        await pause(400);
      }
    });
    await Promise.all(
      [...others('north'), 'north'].map((site) => started.daemon(site, site === 'north' ? { pool } : {})),
    );
    const result = await started.result();
    expect(result.status).toEqual({ kind: 'complete' });
    expect(result.reports[0]?.closedBy).toBe('all-in');
    expect(contributors(result, 1)).toContain(NORTH);
    expect(result.modelHash).toBe(await network.simulated());
  });

  it('R7: is left behind by quorum and grace once it stands still, told that it is late, and there again in the next round', async () => {
    started = await network.start({ policy: { graceMs: 500 } });
    const phases: unknown[] = [];
    const log = {
      info: (_event: string, { phase, round }: Readonly<Record<string, unknown>> = {}) =>
        phases.push([phase, round]),
      warn: () => undefined,
      error: () => undefined,
    };
    const pool = watchedPool(network.pool, async (round, _outcome, tell) => {
      if (round !== 1) return;
      tell(1, 10);
      await untilEnded(1);
    });
    await Promise.all([
      started.daemon('north', { pool, changes: { log } }),
      ...others('north').map((site) => started.daemon(site)),
    ]);
    const result = await started.result();
    expect(result.status).toEqual({ kind: 'complete' });
    expect(result.reports[0]).toMatchObject({
      closedBy: 'quorum-and-grace',
      outcome: 'committed',
      missing: [{ site: 'north', reason: 'vanished' }],
    });
    expect(contributors(result, 1)).not.toContain(NORTH);
    expect(contributors(result, 3)).toContain(NORTH);
    expect(phases).toContainEqual(['sent', 1]);
    const calls = await siteCalls(network, 'north', started.coordinator.ports.sites);
    const { hash: studyHash } = started;
    const again = { studyHash, site: NORTH, round: 1, contentHash: sha256('its update of round 1') };
    // Three rounds have ended: the open one would be the fourth.
    expect(decodeReceipt(await calls.call(COMMIT, encodeCommitRequest(again)))).toEqual({
      kind: 'late',
      openRound: 4,
    });
    calls.connection.close();
  });
});

describe('a round', () => {
  // Two of three holders are left in round 2, whose limit is 4 s.
  it('R10: without a quorum fails, leaves the model as it was, and the next one goes on when the sites are back', async () => {
    started = await network.start({ policy: { graceMs: 500, roundLimitMs: 4000 } });
    await Promise.all([
      awayInRound2('north'),
      awayInRound2('south'),
      ...others('north', 'south').map((site) => started.daemon(site)),
    ]);
    const result = await started.result();
    const [first, second, third] = result.reports;
    expect(second).toMatchObject({ round: 2, outcome: 'failed', closedBy: 'deadline' });
    expect(second?.missing).toEqual(['north', 'south'].map((site) => ({ site, reason: 'vanished' })));
    expect(second?.blocks.map(({ outcome }) => outcome)).toContainEqual({
      kind: 'kept',
      reason: 'below-quorum',
      detail: '2 of 3 holders',
    });
    expect(second?.modelHash).toBe(first?.modelHash);
    expect(third).toMatchObject({ round: 3, outcome: 'committed' });
    expect(contributors(result, 3)).toHaveLength(4);
    expect(result.status).toEqual({ kind: 'complete' });
  });

  it('R10: that failed too often in a row pauses the study, says who is missing, and resuming it goes on', async () => {
    started = await network.start({ policy: { graceMs: 500, roundLimitMs: 4000, maxFailedRounds: 1 } });
    const study = started.coordinator.studies.get(started.hash);
    const daemons = [
      awayInRound2('north'),
      awayInRound2('south'),
      ...others('north', 'south').map((site) => started.daemon(site)),
    ];
    await untilEnded(2);
    await study.tick();
    expect(study.status().summary).toMatchObject({
      phase: 'paused',
      reason: 'NO_QUORUM: 1 round in a row without a quorum; missing in the last one: north, south',
    });
    await study.resume();
    await Promise.all(daemons);
    const result = await started.result();
    expect(result.reports.map(({ outcome }) => outcome)).toEqual(['committed', 'failed', 'committed']);
    expect(result.status).toEqual({ kind: 'complete' });
  });
});
