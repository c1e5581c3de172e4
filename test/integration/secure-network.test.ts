import { Client } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TrainOutcome } from '../../client/training/site-trainer.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import type { CoordinatorSetup } from '../../server/app.ts';
import type { StudyState } from '../../server/rounds/round-state.ts';
import { secureRecordOf } from '../../server/studies/secure-audit.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { monotonicClock } from '../../shared/core/clock.ts';
import { watchDurableWrites } from '../../shared/core/failpoint.ts';
import { encoderBlock, type SiteId, siteId } from '../../shared/core/ids.ts';
import { packUpdate } from '../../shared/secagg/vector.ts';
import { hospitalNetwork, SITES, SOURCE } from '../helpers/hospital-network.ts';
import { LABS } from '../helpers/small-hospitals.ts';

const PLAIN = SOURCE.replace('minPatients: 1 }', 'minPatients: 1, weights: bucketed }');
const SECURE = `${PLAIN}privacy: { secureAggregation: true }\n`;
const STAGES = 6;
const WEST = siteId('west');

const others = SITES.filter((site) => site !== WEST);

const MINUTE_MS = 60_000;
/** Every stage that somebody is missing in is closed by then. */
const SKIPPED_MS = 11 * MINUTE_MS;

let expected: string;
beforeAll(async () => {
  const network = await hospitalNetwork(PLAIN);
  expected = await network.simulated();
  network.remove();
});

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  vi.restoreAllMocks();
});

async function started(changes: Partial<CoordinatorSetup> = {}) {
  const network = await hospitalNetwork(SECURE);
  ends.push(() => network.remove());
  const study = await network.start(changes);
  let coordinator = study.coordinator;
  ends.push(() => coordinator.stop(1000));
  return {
    ...study,
    network,
    /** Stops the coordinator and starts it again over what it stored, at the same doors. */
    async restart() {
      await coordinator.stop(1000);
      const [sites, people] = [coordinator.ports.sites, coordinator.ports.people];
      const listen = { sites: `127.0.0.1:${sites}`, people: `127.0.0.1:${people}` };
      coordinator = await network.startCoordinator({ ...changes, listen });
    },
    result: () => coordinator.studies.get(study.hash).coordinator.result(),
    state: () => coordinator.studies.get(study.hash).coordinator.state(),
    reports: async () => (await coordinator.studies.get(study.hash).coordinator.result()).reports,
  };
}

/**
 * Resolves once the `count`th such file of the site is durable, and nothing of it has left: what it is written for fails.
 */
function crashAt(site: string, isPlace: (path: string) => boolean, count = 1): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    const stop = watchDurableWrites(async (step, path) => {
      if (step !== 'renamed' || !path.includes(`/${site}/state/`) || !isPlace(path)) return;
      left -= 1;
      if (left > 0) return;
      stop();
      resolve();
      throw new Error('the power is off');
    });
    ends.push(stop);
  });
}

/**
 * A site saves its part in a session before each of its messages, and as its vectors are acknowledged. Only sessions that
 * sum what was trained count.
 */
function crashAtSave(site: string, { state }: Pick<Started, 'state'>, count = 1): Promise<void> {
  return crashAt(site, (path) => path.includes('/secure/sessions/') && state().phase === 'securing', count);
}

/** Runs the site's daemon until it ends; each time that it saves a stage it is killed there, at most `kills` times. */
async function killedAtEverySave(study: Started, site: string, kills: number): Promise<number> {
  for (let killed = 0; ; killed += 1) {
    const power = new AbortController();
    // Each restart finds what was saved and saves the next stage: its first save from then on.
    const off =
      killed < kills
        ? crashAtSave(site, study).then(() => 'off' as const)
        : new Promise<never>(() => undefined);
    const run = study.daemon(site, { signal: power.signal }).then(
      () => 'done' as const,
      (error: unknown) => {
        if (power.signal.aborted) return 'off' as const;
        throw error;
      },
    );
    if ((await Promise.race([run, off])) === 'done') return killed;
    power.abort();
    await run;
  }
}

type Started = Awaited<ReturnType<typeof started>>;

/** CONSILIUM_SECURE=full: every stage, some minutes. */
const IS_FULL = process.env['CONSILIUM_SECURE'] === 'full';

describe('secure aggregation over the network', () => {
  it('ends with the model of the simulation without it, bit for bit, and leaves its stages in the audit log', async () => {
    const { network, daemon, result } = await started();
    await Promise.all(SITES.map((site) => daemon(site)));
    const { status, modelHash } = await result();
    expect(status).toEqual({ kind: 'complete' });
    expect(modelHash).toBe(expected);
    const training = network.audited.filter(({ type }) => type === 'round.secure-opened');
    expect(
      training.filter(({ data }) => data['purpose'] === 'train').map(({ data }) => data['round']),
    ).toEqual([1, 2, 3]);
    const first = network.audited.filter(
      ({ type, data }) => type === 'round.secure-closed' && data['session'] === training[0]?.data['session'],
    );
    expect(first.map(({ data }) => [data['stage'], data['messages']]).slice(0, 5)).toEqual([
      ['advertising', 4],
      ['sharing', 4],
      ['confirming', 4],
      ['masking', 4],
      ['agreeing', 4],
    ]);
  }, 120_000);

  it('goes on bit for bit with a site that is killed as each of its stages is on the disk', async () => {
    const study = await started();
    const [killed] = await Promise.all([
      killedAtEverySave(study, WEST, STAGES + 1),
      ...others.map((site) => study.daemon(site)),
    ]);
    expect(killed).toBe(STAGES + 1);
    expect((await study.result()).modelHash).toBe(expected);
  }, 240_000);

  it.runIf(IS_FULL)(
    'goes on bit for bit with a coordinator that is started anew after each stage (CONSILIUM_SECURE=full)',
    async () => {
      const study = await started();
      const seen = new Set<string>();
      let restarts: Promise<void> = Promise.resolve();
      let isOver = false;
      const watching = (async () => {
        while (!isOver) {
          const next = study.network.audited.find(
            ({ type, data }) =>
              type === 'round.secure-closed' &&
              data['purpose'] === 'train' &&
              data['round'] === 1 &&
              !seen.has(String(data['stage'])),
          );
          if (next !== undefined) {
            seen.add(String(next.data['stage']));
            restarts = study.restart();
            await restarts;
          }
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      await Promise.all(SITES.map((site) => study.daemon(site)));
      isOver = true;
      await watching;
      expect(seen.size).toBe(STAGES);
      expect((await study.result()).modelHash).toBe(expected);
    },
    240_000,
  );

  it.each(
    (
      [
        ['leaves out a site that vanishes before it advertises', 1, others],
        ['leaves out a site that vanishes before it shares', 2, others],
        ['leaves out a site that vanishes before it confirms', 3, others],
        ['leaves out a site that vanishes before it sends its vectors', 4, others],
        ['counts a site that loses power once its vectors have arrived', 5, SITES],
        ['counts a site that vanishes before it signs who survived', 6, SITES],
        ['counts a site that vanishes before it reveals its shares', 7, SITES],
      ] as const
    ).filter(([, saves]) => IS_FULL || saves === 4 || saves === 7),
  )(
    '%s',
    async (_name, saves, contributors) => {
      let skippedMs = 0;
      const study = await started({
        policy: { secureGraceMs: 10 * MINUTE_MS },
        monotonic: { now: () => monotonicClock.now() + skippedMs },
      });
      const power = new AbortController();
      const off = crashAtSave(WEST, study, saves);
      const west = study.daemon(WEST, { signal: power.signal }).catch(() => 'off');
      const running = Promise.all(others.map((site) => study.daemon(site)));
      await off;
      power.abort();
      await west;
      let skipped = -1;
      while ((await study.reports()).length === 0) {
        const stage = secureRecordOf(study.state())?.log.length ?? -1;
        // Once a stage: a session that is being opened does not outlive a clock that jumps again and again.
        if (stage !== skipped && isMissingAlone(WEST, study.state())) {
          skippedMs += SKIPPED_MS;
          skipped = stage;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      await study.daemon(WEST);
      await running;
      const labs = (await study.reports()).map(({ blocks }) =>
        blocks.find(({ block }) => block === encoderBlock(LABS)),
      );
      expect(labs[0]?.contributors).toEqual(contributors);
      expect(labs.at(-1)?.contributors).toEqual(SITES);
    },
    240_000,
  );

  it('does not train again what a site had ready when it was killed', async () => {
    const study = await started();
    const trained: number[] = [];
    const pool = watched(study.network.pool, ({ round }) => trained.push(round));
    const power = new AbortController();
    const off = crashAt(WEST, (path) => path.endsWith('/secure/notices/round-000001.train'));
    const west = study.daemon(WEST, { pool, signal: power.signal }).catch(() => 'off');
    const running = Promise.all(others.map((site) => study.daemon(site)));
    await off;
    power.abort();
    await west;
    await study.daemon(WEST, { pool });
    await running;
    expect(trained).toEqual([1, 2, 3]);
    expect((await study.result()).modelHash).toBe(expected);
  }, 240_000);

  it('lets no loss, weight or delta leave a site in the clear', async () => {
    const network = await hospitalNetwork(SECURE);
    ends.push(() => network.remove());
    const secrets: Buffer[] = [];
    const pool = watched(network.pool, ({ outcome }) => secrets.push(...secretsOf(outcome)));
    const sent: Buffer[] = [];
    capture(sent);
    const { coordinator, daemon } = await network.start();
    ends.push(() => coordinator.stop(1000));
    await Promise.all(SITES.map((site) => daemon(site, { pool })));
    expect(secrets.length).toBeGreaterThan(3 * SITES.length);
    const all = Buffer.concat(sent);
    expect(all.includes('ReportReady')).toBe(true);
    for (const secret of secrets) expect(all.includes(secret)).toBe(false);
  }, 120_000);
});

/** Whether the open stage of the session has everybody's message but the site's. */
function isMissingAlone(site: SiteId, state: StudyState): boolean {
  const record = secureRecordOf(state);
  if (state.phase !== 'securing' || record === undefined) return false;
  const since = record.log.findLastIndex(({ kind }) => kind === 'closed');
  const answered = new Set(
    record.log.slice(since + 1).flatMap((each) => (each.kind === 'message' ? [each.site] : [])),
  );
  return record.invited.every((each) => answered.has(each) === (each !== site));
}

/** The pool, with every round that is trained told. */
function watched(
  pool: TrainingPool,
  onTrained: (round: { readonly round: number; readonly outcome: TrainOutcome }) => void,
): TrainingPool {
  return {
    ...pool,
    async open(...args) {
      const seat = await pool.open(...args);
      return {
        ...seat,
        async train(request) {
          const outcome = await seat.train(request);
          onTrained({ round: request.round, outcome });
          return outcome;
        },
      };
    },
  };
}

/** What must not leave of a training: its loss, and how each of its vectors begins. */
function secretsOf({ updates, loss }: TrainOutcome): readonly Buffer[] {
  const binary = Buffer.alloc(8);
  binary.writeDoubleLE(loss);
  const vectors = updates.flatMap((update) => {
    // Weight, steps, whether it was clipped, the loss; then the delta.
    const vector = packUpdate(update, loss);
    return [vector.slice(0, 4), vector.slice(4, 8)].map((part) => Buffer.from(bytesOf(part)));
  });
  return [binary, Buffer.from(String(loss)), ...vectors];
}

/** Every message that a site sends from now on, before TLS. */
function capture(sent: Buffer[]): void {
  const { makeUnaryRequest, makeClientStreamRequest, makeServerStreamRequest } = Client.prototype;
  vi.spyOn(Client.prototype, 'makeUnaryRequest').mockImplementation(function (
    this: Client,
    ...args: unknown[]
  ) {
    sent.push(Buffer.from(`${args[0]}`), Buffer.from(args[3] as Uint8Array));
    return Reflect.apply(makeUnaryRequest, this, args);
  });
  vi.spyOn(Client.prototype, 'makeServerStreamRequest').mockImplementation(function (
    this: Client,
    ...args: unknown[]
  ) {
    sent.push(Buffer.from(args[3] as Uint8Array));
    return Reflect.apply(makeServerStreamRequest, this, args);
  });
  vi.spyOn(Client.prototype, 'makeClientStreamRequest').mockImplementation(function (
    this: Client,
    ...args: unknown[]
  ) {
    const call = Reflect.apply(makeClientStreamRequest, this, args);
    const write = call.write.bind(call);
    call.write = (message: Uint8Array, ...rest: unknown[]) => {
      sent.push(Buffer.from(message));
      return Reflect.apply(write, call, [message, ...rest]);
    };
    return call;
  });
}
