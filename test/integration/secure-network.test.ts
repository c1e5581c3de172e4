import { Client } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import type { CoordinatorSetup } from '../../server/app.ts';
import type { RoundPolicy } from '../../server/rounds/policy.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { watchDurableWrites } from '../../shared/core/failpoint.ts';
import { encoderBlock, siteId } from '../../shared/core/ids.ts';
import { packUpdate } from '../../shared/secagg/vector.ts';
import { hospitalNetwork, SITES, SOURCE } from '../helpers/hospital-network.ts';
import { LABS } from '../helpers/small-hospitals.ts';

const PLAIN = SOURCE.replace('minPatients: 1 }', 'minPatients: 1, weights: bucketed }');
const SECURE = `${PLAIN}privacy: { secureAggregation: true }\n`;
const [STAGES, WEST] = [6, siteId('west')] as const;

/** A stage that somebody is missing in is closed after two seconds. */
const QUICK: Partial<RoundPolicy> = { secureStageMs: 2000, secureUploadMs: 2000, secureGraceMs: 2000 };

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
    reports: async () => (await coordinator.studies.get(study.hash).coordinator.result()).reports,
  };
}

/** Resolves the next time that `site` has saved its part in a session durably, before anything of it leaves; that write fails. */
function crashAtSave(site: string, count = 1): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    const stop = watchDurableWrites(async (step, path) => {
      if (step !== 'renamed' || !path.includes(`/${site}/state/`) || !path.includes('/secure/sessions/'))
        return;
      left -= 1;
      if (left > 0) return;
      stop();
      resolve();
      throw new Error('the power is off');
    });
    ends.push(stop);
  });
}

/** Runs the site's daemon until it ends; each time that it saves a stage it is killed there, at most `kills` times. */
async function killedAtEverySave(
  daemon: Awaited<ReturnType<typeof started>>['daemon'],
  site: string,
  kills: number,
): Promise<number> {
  for (let killed = 0; ; killed += 1) {
    const power = new AbortController();
    // Each restart finds what was saved and saves the next stage: its first save from then on.
    const off =
      killed < kills ? crashAtSave(site).then(() => 'off' as const) : new Promise<never>(() => undefined);
    const run = daemon(site, { signal: power.signal }).then(
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

const others = SITES.filter((site) => site !== WEST);

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
    const { daemon, result } = await started();
    const [killed] = await Promise.all([
      killedAtEverySave(daemon, WEST, STAGES + 1),
      ...others.map((site) => daemon(site)),
    ]);
    expect(killed).toBe(STAGES + 1);
    expect((await result()).modelHash).toBe(expected);
  }, 240_000);

  it('goes on bit for bit with a coordinator that is started anew after each stage', async () => {
    const study = await started();
    const seen = new Set<string>();
    let restarts: Promise<void> = Promise.resolve();
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        const next = study.network.audited.find(
          ({ type, data }) =>
            type === 'round.secure-closed' && data['round'] === 1 && !seen.has(String(data['stage'])),
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
  }, 240_000);

  it('counts a site that loses power once its vectors have arrived', async () => {
    const study = await started({ policy: QUICK });
    const power = new AbortController();
    // Saved: advertised, shared, confirmed, masked, acknowledged.
    const off = crashAtSave(WEST, 5);
    const west = study.daemon(WEST, { signal: power.signal }).catch(() => 'off');
    const running = Promise.all(others.map((site) => study.daemon(site)));
    await off;
    power.abort();
    await west;
    await untilRound(study, 1);
    await study.daemon(WEST);
    await running;
    const labs = (await study.reports())[0]?.blocks.find(({ block }) => block === encoderBlock(LABS));
    expect(labs?.contributors).toEqual(SITES);
  }, 240_000);

  it.each([
    ['advertises', 1],
    ['shares', 2],
    ['confirms', 3],
    ['sends its vectors', 4],
  ])(
    'sums the others where a site vanishes before it %s',
    async (_stage, saves) => {
      const study = await started({ policy: QUICK });
      const power = new AbortController();
      const off = crashAtSave(WEST, saves);
      const west = study.daemon(WEST, { signal: power.signal }).catch(() => 'off');
      const running = Promise.all(others.map((site) => study.daemon(site)));
      await off;
      power.abort();
      await west;
      await untilRound(study, 1);
      await study.daemon(WEST);
      await running;
      const labs = (await study.reports()).map(({ blocks }) =>
        blocks.find(({ block }) => block === encoderBlock(LABS)),
      );
      expect(labs[0]?.contributors).toEqual(others);
      expect(labs.at(-1)?.contributors).toEqual(SITES);
    },
    240_000,
  );

  it('lets no loss, weight or delta leave a site in the clear', async () => {
    const network = await hospitalNetwork(SECURE);
    ends.push(() => network.remove());
    const secrets: Buffer[] = [];
    const pool = noting(network.pool, secrets);
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

async function untilRound(study: Awaited<ReturnType<typeof started>>, rounds: number): Promise<void> {
  while ((await study.reports()).length < rounds) await new Promise((resolve) => setImmediate(resolve));
}

/** The pool, with the loss of every round, and how each of its vectors begins, put down. */
function noting(pool: TrainingPool, secrets: Buffer[]): TrainingPool {
  return {
    ...pool,
    async open(...args) {
      const seat = await pool.open(...args);
      return {
        ...seat,
        async train(request) {
          const outcome = await seat.train(request);
          const loss = Buffer.alloc(8);
          loss.writeDoubleLE(outcome.loss);
          secrets.push(loss, Buffer.from(String(outcome.loss)));
          for (const update of outcome.updates) {
            // Weight, steps, whether it was clipped, the loss; then the delta.
            const vector = packUpdate(update, outcome.loss);
            secrets.push(Buffer.from(bytesOf(vector.slice(0, 4))), Buffer.from(bytesOf(vector.slice(4, 8))));
          }
          return outcome;
        },
      };
    },
  };
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
