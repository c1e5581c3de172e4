import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HospitalNetwork, hospitalNetwork, SITES, SOURCE } from '../helpers/hospital-network.ts';

// Scales of the data would carry them past the noise: every feature has its range.
const RANGED = SOURCE.replace(
  /\[(density|sodium), (volume|glucose)\]/g,
  '{ $1: { range: [-1000, 1000] }, $2: { range: [-1000, 1000] } }',
);
const NOISY = `${RANGED.replace('epochs: 1,', 'epochs: 1, normalization: ranges,')}privacy: { mode: record, clip: 1, multiplier: 4 }\n`;

let network: HospitalNetwork;
beforeAll(async () => {
  network = await hospitalNetwork(NOISY);
});
afterAll(() => network.remove());

it('every site of a study with noise states it once, on its ledger and at the coordinator, also after a restart', async () => {
  const { coordinator, daemon, hash } = await network.start();
  const stated = (at: typeof coordinator) =>
    at.studies
      .get(hash)
      .status()
      .sites.map(({ site, privacy }) => [site, privacy?.mode, privacy?.multiplier]);
  const expected = SITES.map((site) => [site, 'record', 4]);
  await Promise.all(SITES.map((site) => daemon(site)));
  expect(stated(coordinator)).toEqual(expected);
  await coordinator.stop(1000);
  for (const site of SITES) {
    const lines = readFileSync(network.nodeFolder(site).ledger, 'utf8').trim().split('\n');
    const kinds = lines.map((line) => (JSON.parse(line) as { readonly kind: string }).kind);
    expect(kinds.filter((kind) => kind === 'privacy-statement')).toHaveLength(1);
    expect(kinds.indexOf('privacy-statement')).toBeLessThan(kinds.indexOf('update'));
  }
  const restarted = await network.startCoordinator();
  try {
    expect(stated(restarted)).toEqual(expected);
  } finally {
    await restarted.stop(1000);
  }
}, 120_000);
