import { describe, expect, it } from 'vitest';
import { runConsilium } from './run-consilium.ts';

const ROUNDS = ['--patients', '500', '--batch', '64', '--epochs', '1', '--rounds', '20'];
const calibrate = (...rest: readonly string[]) => runConsilium(['privacy', 'calibrate', ...ROUNDS, ...rest]);

describe('consilium privacy calibrate', () => {
  it('prints an epsilon with everything that it means nothing without', async () => {
    const { exitCode, stdout } = await calibrate('--multiplier', '2');
    expect(exitCode).toBe(0);
    // 20 epochs of 500 patients at z = 2 are 3.71 in 157 steps; here 160 steps, charged with z / 1.001.
    expect(stdout).toMatch(/epsilon +3\.7[5-9] over 20 rounds; 0\.\d\d in one round/);
    for (const word of [
      'delta        0.0001',
      'unit ',
      'adjacency',
      'site ',
      'covered',
      'not covered',
      'consilium-rdp/1',
    ]) {
      expect(stdout).toContain(word);
    }
    expect(stdout).not.toContain('MEANS LITTLE');
  });

  it('finds the noise for a budget, and tells programs what it tells people', async () => {
    const { stdout } = await calibrate('--epsilon', '3', '--delta', '1e-5', '--format', 'json');
    const { data } = JSON.parse(stdout) as { readonly data: Record<string, number | unknown[]> };
    expect(data['delta']).toBe(1e-5);
    expect(data['epsilonTotal']).toBeLessThanOrEqual(3);
    expect(data['epsilonTotal']).toBeGreaterThan(2.99);
    expect(data['epsilonBand']).toBe(3);
    expect(data).toMatchObject({ unit: expect.any(String), adjacency: expect.any(String) });
    expect(data['alternatives']).toHaveLength(5);
  });

  it('says of an epsilon above 10 that it means little', async () => {
    const { stdout } = await calibrate('--multiplier', '1');
    expect(stdout).toContain('AN EPSILON ABOVE 10 MEANS LITTLE');
  });

  it.each([
    { rest: [], says: 'expected --epsilon or --multiplier, got neither' },
    { rest: ['--epsilon', '3', '--multiplier', '1'], says: 'cannot be used with' },
    { rest: ['--epsilon', '-3'], says: 'Expected a number above 0' },
    { rest: ['--epsilon', 'Infinity'], says: 'Expected a number above 0' },
  ])('refuses $rest', async ({ rest, says }) => {
    const { exitCode, stderr } = await calibrate(...rest);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(says);
  });

  it('refuses a delta by which one patient could be published', async () => {
    const { exitCode, stderr } = await calibrate('--epsilon', '3', '--delta', '0.01');
    expect(exitCode).toBe(4);
    expect(stderr).toContain('PRIVACY_INVALID');
  });
});
