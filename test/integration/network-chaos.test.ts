import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../shared/core/random.ts';
import { type ChaosOptions, type ChaosProxy, chaosProxy } from '../helpers/chaos-proxy.ts';
import {
  type HospitalNetwork,
  hospitalNetwork,
  SITES,
  type StartedStudy,
} from '../helpers/hospital-network.ts';
import { watchedPool } from '../helpers/watched-pool.ts';

let simulated: string;
let network: HospitalNetwork;
let started: StartedStudy | undefined;
let proxy: ChaosProxy | undefined;
beforeAll(async () => {
  const calm = await hospitalNetwork();
  simulated = await calm.simulated();
  calm.remove();
});
afterEach(async () => {
  await proxy?.close();
  await started?.coordinator.stop(100);
  network.remove();
});

/** The whole study, north over a bad line. */
async function studyOver(options: ChaosOptions, duringRound2: (line: ChaosProxy) => void = () => undefined) {
  network = await hospitalNetwork();
  started = await network.start();
  const line = await chaosProxy(started.coordinator.ports.sites, options);
  proxy = line;
  const { daemon, result } = started;
  const pool = watchedPool(network.pool, (round) => {
    if (round === 2) duringRound2(line);
  });
  await Promise.all(SITES.map((site) => daemon(site, site === 'north' ? { port: line.port, pool } : {})));
  const { status, modelHash } = await result();
  return { status, modelHash, line };
}

const COMPLETE = { kind: 'complete' };

describe('a study ends with the same bits', () => {
  it('R6: over a line with 40 ms latency and resets', async () => {
    const random = seededRandom('resets');
    const { status, modelHash, line } = await studyOver({
      latencyMs: 40,
      resets: () => random.uniform() < 0.015,
    });
    expect({ status, modelHash }).toEqual({ status: COMPLETE, modelHash: simulated });
    expect(line.connections()).toBeGreaterThan(1);
  });

  it('R6: over a line that is cut for a second while an update is about to leave', async () => {
    const { status, modelHash, line } = await studyOver({}, (cutting) => cutting.cut(1000));
    expect({ status, modelHash }).toEqual({ status: COMPLETE, modelHash: simulated });
    expect(line.connections()).toBeGreaterThan(1);
  });

  it('R6: over a line that is a black hole for two seconds', async () => {
    const { status, modelHash } = await studyOver({}, (holding) => holding.hold(2000));
    expect({ status, modelHash }).toEqual({ status: COMPLETE, modelHash: simulated });
  });

  it('R6: behind a proxy that cuts connections after 200 ms without a byte', async () => {
    const { status, modelHash } = await studyOver({ idleMs: 200 });
    expect({ status, modelHash }).toEqual({ status: COMPLETE, modelHash: simulated });
  });

  it('R6: over a line that splits all into single bytes', async () => {
    const { status, modelHash } = await studyOver({ bytewise: true });
    expect({ status, modelHash }).toEqual({ status: COMPLETE, modelHash: simulated });
  });
});
