import { afterEach, describe, expect, it } from 'vitest';
import { watchDurableWrites } from '../../shared/core/failpoint.ts';
import { encoderBlock } from '../../shared/core/ids.ts';
import { STUDY_FILE } from '../helpers/hospital-files.ts';
import { hospitalNetwork } from '../helpers/hospital-network.ts';
import { HOSPITALS, LABS } from '../helpers/small-hospitals.ts';

/** Five have labs: as many as the geometric median by three means needs. */
const FIVE = [...HOSPITALS, { site: 'mount', holds: [LABS], patients: 35 }];
const SITES = FIVE.map(({ site }) => site).sort();
const WEST = 'west';

const ROBUST = 'robust: { kind: geometric-median }';
const PLAIN = STUDY_FILE.replace('rounds: 3', 'rounds: 2').replace(
  'merge: { minHolders: 2, minPatients: 1 }',
  `merge: { minHolders: 5, minPatients: 1, weights: bucketed, ${ROBUST} }`,
);
const SECURE = `${PLAIN}privacy: { secureAggregation: true }\n`;

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Resolves once the `count`th such file of the site is durable, and nothing of it has left. */
function crashAt(site: string, part: string, count: number): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    const stop = watchDurableWrites(async (step, path) => {
      if (step !== 'renamed' || !path.includes(`/${site}/state/`) || !path.includes(part)) return;
      left -= 1;
      if (left > 0) return;
      stop();
      resolve();
      throw new Error('the power is off');
    });
    ends.push(stop);
  });
}

describe('the geometric median under masks, over the network', () => {
  it('is the simulation without masks, bit for bit, though a site and the coordinator stop between its sums', async () => {
    const network = await hospitalNetwork(SECURE, FIVE);
    ends.push(() => network.remove());
    const study = await network.start();
    let { coordinator } = study;
    ends.push(() => coordinator.stop(1000));
    const opened = () =>
      network.audited.filter(
        ({ type, data }) => type === 'round.secure-opened' && data['purpose'] === 'train',
      );
    const power = new AbortController();
    // The census is masked first; then the first and the second sum of round 1.
    const off = crashAt(WEST, '/secure/masked/', 3);
    const west = study.daemon(WEST, { signal: power.signal }).catch(() => 'off');
    const running = Promise.all(SITES.filter((site) => site !== WEST).map((site) => study.daemon(site)));
    await off;
    power.abort();
    await west;
    expect(opened()).toHaveLength(2);
    await coordinator.stop(1000);
    const [sites, people] = [coordinator.ports.sites, coordinator.ports.people];
    coordinator = await network.startCoordinator({
      listen: { sites: `127.0.0.1:${sites}`, people: `127.0.0.1:${people}` },
    });
    await study.daemon(WEST);
    await running;
    const { status, modelHash, reports } = await coordinator.studies.get(study.hash).coordinator.result();
    expect(status).toEqual({ kind: 'complete' });
    expect(modelHash).toBe(await network.simulated(PLAIN));
    // Two rounds of three sums each.
    expect(opened().map(({ data }) => data['round'])).toEqual([1, 1, 1, 2, 2, 2]);
    const labs = reports.map(({ blocks }) => blocks.find(({ block }) => block === encoderBlock(LABS)));
    expect(labs.map((block) => [block?.outcome.kind, block?.contributors])).toEqual([
      ['merged', SITES],
      ['merged', SITES],
    ]);
  }, 240_000);
});
