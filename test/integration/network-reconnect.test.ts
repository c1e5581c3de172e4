import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignedCalls } from '../../client/rpc/signed-calls.ts';
import type { RunningCoordinator } from '../../server/app.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { encodeListStudiesRequest } from '../../shared/wire/study-codec.ts';
import { type SmallNetwork, siteCalls, smallNetwork } from '../helpers/small-network.ts';

const LIST = '/consilium.v1.StudyService/ListStudies';
const SITES = Array.from({ length: 40 }, (_, i) => `site-${i + 1}`);

let network: SmallNetwork;
let coordinator: RunningCoordinator;
let calls: SignedCalls[];
const pauses: number[] = [];
beforeAll(async () => {
  network = await smallNetwork(SITES);
  coordinator = await network.startCoordinator();
  calls = await Promise.all(
    SITES.map((site) =>
      siteCalls(network, site, coordinator.ports.sites, {
        uniform: seededRandom('jitter', site).uniform,
        onFailure: (_error, pauseMs) => pauses.push(pauseMs),
      }),
    ),
  );
});
afterAll(async () => {
  for (const { connection } of calls) connection.close();
  await coordinator.stop(0);
  network.remove();
});

const allServed = () =>
  Promise.all(calls.map((each) => each.call(LIST, encodeListStudiesRequest(undefined))));
const opened = () =>
  network.audited.filter(({ type }) => type === 'session.opened').map(({ data }) => data['id']);

describe('forty sites', () => {
  it('R15: that lose their coordinator at once all come back, each in one new session, after pauses of their own', async () => {
    await allServed();
    expect([...opened()].sort()).toEqual([...SITES].sort());
    const { sites, people } = coordinator.ports;
    await coordinator.stop(0);
    const served = allServed();
    const listen = { sites: `127.0.0.1:${sites}`, people: `127.0.0.1:${people}` };
    coordinator = await network.startCoordinator({ listen });
    await served;
    expect([...opened().slice(SITES.length)].sort()).toEqual([...SITES].sort());
    // Forty sites of one rhythm would come as one: their pauses differ.
    expect(new Set(pauses.map(Math.round)).size).toBeGreaterThan(SITES.length / 2);
  });
});
