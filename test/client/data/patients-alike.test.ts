import { describe, expect, it } from 'vitest';
import { patientsAlike } from '../../../client/data/patients-alike.ts';

const alike = (...keys: string[][]) =>
  patientsAlike(
    keys.map((_, i) => `p${i}`),
    (patient) => keys[patient] ?? [],
  );

describe('patients who are alike', () => {
  it('are those with a key in common, in the order of the cohort', () => {
    expect(alike(['x'], ['y'], ['x'], ['z'], ['x', 'y'])).toEqual([
      ['p0', 'p2', 'p4'],
      ['p1', 'p4'],
    ]);
  });

  it('are named once however many keys they share', () => {
    expect(alike(['x', 'y'], ['y', 'x'])).toEqual([['p0', 'p1']]);
  });

  it('are nobody where a patient has a key twice, or none', () => {
    expect(alike(['x', 'x'], [], [])).toEqual([]);
  });
});
