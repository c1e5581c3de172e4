import { describe, expect, it } from 'vitest';
import { POLICY_TEMPLATE } from '../../../client/policy/policy-template.ts';
import { readPolicy } from '../../../client/policy/read-policy.ts';

const read = (text: string) => readPolicy(text, 'policy.yaml');

describe('readPolicy', () => {
  it('denies by default what is not listed', () => {
    expect(read('policy: 1')).toEqual({
      kill: false,
      studies: { allow: [], leads: [] },
      modalities: { release: [], never: [] },
      cohort: { kMin: 5, minPatients: 50, minCell: 11, soloRelease: null, pairWaiver: [] },
      secureAggregation: { require: true, weights: 'bucketed', maxSingletonChurn: 3 },
      privacy: { mode: 'off', maxEpsilon: null, maxEpsilonTotal: null, maxDelta: null },
      update: { maxClip: 10, maxParameters: 50_000_000, requireModelChain: true },
      evaluation: { metrics: [], perSite: false },
      limits: { rounds: 200, trainingHoursPerDay: 24, uploadMiBPerDay: 4096 },
      schedule: { train: null, zone: 'UTC' },
      transport: { inspected: false, proxy: null },
    });
  });

  it('reads the policy of a new site as one that has the defaults', () => {
    expect(read(POLICY_TEMPLATE)).toEqual(read('policy: 1'));
  });

  it('reads what a site writes', () => {
    const policy = read(`policy: 1
studies: { allow: [{ hash: "sha256:${'ab'.repeat(32)}", until: 2027-06-30 }], leads: [dr-lee] }
schedule: { train: "20:00-06:30", zone: Europe/Berlin }
privacy: { mode: record, maxEpsilon: 3, maxEpsilonTotal: 8, maxDelta: 1.0e-5 }`);
    expect(policy.studies.allow).toEqual([{ hash: 'ab'.repeat(32), until: '2027-06-30' }]);
    expect(policy.schedule.train).toEqual({ from: 20 * 60, to: 6 * 60 + 30 });
    expect(policy.privacy.maxDelta).toBe(1e-5);
  });

  it('names all faults at once, each with its line', () => {
    const text = `policy: 1
kil: true
cohort: { kMin: 2 }
schedule: { train: "8-9", zone: Nowhere/Land }
studies:
  allow: [{ hash: 9f2c, until: 2027-02-30 }]
evaluation: { metrics: [auroc, accuracy] }
transport: { proxy: "http://me:secret@proxy" }`;
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'POLICY_INVALID',
        message: expect.stringMatching(
          /:2:.*"kil" \(did you mean "kill"\?\).*:3:.*kMin.*:4:.*train.*:4:.*zone.*:6:.*hash.*:6:.*until.*:7:.*metrics.*:8:.*proxy/s,
        ),
      }),
    );
  });

  it.each([
    ['cohort: { soloRelease: { maxEpsilon: 2, delta: 1.0e-5 } }', /:2:.*cohort\.soloRelease: expected null/],
    ['cohort: { pairWaiver: [east] }', /:2:.*cohort\.pairWaiver: expected \[\].*got east/],
    ['transport: { inspected: true }', /:2:.*transport\.inspected: expected false/],
    [
      'transport: { proxy: "http://proxy.example.org:3128" }',
      /:2:.*transport\.proxy: expected null.*site\.yaml/,
    ],
  ])('refuses what it could only leave out: %s', (line, words) => {
    expect(() => read(`policy: 1\n${line}`)).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID', message: expect.stringMatching(words) }),
    );
  });

  it('wants a budget where noise is asked for', () => {
    expect(() => read('policy: 1\nprivacy: { mode: record, maxEpsilon: 3, maxDelta: 1.0e-5 }')).toThrow(
      /privacy\.maxEpsilonTotal: expected a number/,
    );
  });

  it.each(['', 'policy: 2', 'policy: [', 'kill: false'])('refuses %j', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
  });
});
