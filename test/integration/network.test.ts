import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HospitalNetwork, hospitalNetwork, SITES } from '../helpers/hospital-network.ts';

let network: HospitalNetwork;
beforeAll(async () => {
  network = await hospitalNetwork();
});
afterAll(() => network.remove());

describe('a coordinator and four sites over mutual TLS', () => {
  it('end with the model of the simulation, bit for bit', async () => {
    const { coordinator, daemon, result } = await network.start();
    try {
      await Promise.all(SITES.map((site) => daemon(site)));
      const { status, modelHash, evaluations } = await result();
      expect(status).toEqual({ kind: 'complete' });
      expect(modelHash).toBe(await network.simulated());
      expect(evaluations.test).toHaveLength(SITES.length);
    } finally {
      await coordinator.stop(1000);
    }
  }, 120_000);
});
