import { describe, expect, it } from 'vitest';
import { loadYaml } from '../../../shared/config/yaml-file.ts';
import { type ModalityId, modalityId, siteId } from '../../../shared/core/ids.ts';
import {
  absentIn,
  CALM,
  circumstancesOf,
  fateOf,
  invited,
  parseScenario,
  type Scenario,
} from '../../../simulations/engine/scenario.ts';

const A = siteId('site-a');
const B = siteId('site-b');
const CT = modalityId('ct');
const LABS = modalityId('labs');
const SITES = Array.from({ length: 10 }, (_, i) => siteId(`s${i}`));

const KNOWN = { sites: [A, B], modalities: [CT, LABS] };

const parse = (text: string) => parseScenario(loadYaml(text, 'storm.yaml'), KNOWN);

/** The lines of what is wrong with a scenario file. */
function faultsOf(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    expect(error).toMatchObject({
      code: 'BAD_ARGUMENT',
      hint: expect.stringContaining('docs/researcher.md'),
    });
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('parseScenario', () => {
  it('reads what can go wrong', () => {
    const scenario = parse(`
participation: 0.5
dropout: 0.1
straggling: 0.2
joins: { site-b: 12 }
outages:
  - { site: site-a, modality: ct, rounds: [5, 7] }
  - { site: site-a, rounds: [9, 9] }
`);
    expect(scenario).toEqual({
      participation: 0.5,
      dropout: 0.1,
      straggling: 0.2,
      joins: new Map([[B, 12]]),
      outages: [
        { site: A, modality: CT, from: 5, to: 7 },
        { site: A, modality: undefined, from: 9, to: 9 },
      ],
    });
  });

  it('reads a modality gained in a round as one that could not be read before', () => {
    const gains =
      'gains: [{ site: site-a, modality: ct, round: 4 }, { site: site-b, modality: ct, round: 1 }]';
    // Who has it from round 1 on gains nothing.
    expect(parse(gains).outages).toEqual([{ site: A, modality: CT, from: 1, to: 3 }]);
  });

  it.each(['', '# nothing', '{}'])('is calm where the file is %j', (text) => {
    expect(parse(text)).toEqual(CALM);
  });

  it('names every fault at once with its line and column, and what was probably meant', () => {
    const faults = faultsOf(
      [
        'participation: 0',
        'droput: 0.1',
        'joins: { site-b: 0, sit-a: 2 }',
        'gains:',
        '  - { site: site-a, modality: lab, round: 1.5 }',
        'outages:',
        '  - { site: site-x, rounds: [7, 5], modality: mri }',
      ].join('\n'),
    );
    expect(faults).toEqual([
      'storm.yaml:1:16 participation: expected more than 0, got 0',
      'storm.yaml:2:1 droput: expected one of participation, dropout, straggling, joins, gains or outages, got "droput" (did you mean "dropout"?)',
      'storm.yaml:3:18 joins.site-b: expected at least 1, got 0',
      'storm.yaml:3:21 joins.sit-a: expected a site of the study: site-a or site-b, got "sit-a" (did you mean "site-a"?)',
      'storm.yaml:5:31 gains[0].modality: expected a modality of the study: ct or labs, got "lab" (did you mean "labs"?)',
      'storm.yaml:5:43 gains[0].round: expected a whole number, got 1.5',
      'storm.yaml:7:13 outages[0].site: expected a site of the study: site-a or site-b, got "site-x" (did you mean "site-a"?)',
      'storm.yaml:7:33 outages[0].rounds[1]: expected at least 7, the round before it, got 5',
      'storm.yaml:7:47 outages[0].modality: expected a modality of the study: ct or labs, got "mri"',
    ]);
  });

  it.each([
    ['dropout: .nan', 'storm.yaml:1:10 dropout: expected a number, got NaN'],
    ['straggling: -0.1', 'storm.yaml:1:13 straggling: expected at least 0, got -0.1'],
    ['participation: 1.1', 'storm.yaml:1:16 participation: expected at most 1, got 1.1'],
    ['dropout: 1', 'storm.yaml:1:10 dropout: expected less than 1, got 1'],
    [
      'joins: { Site B: 2 }',
      'storm.yaml:1:10 joins."Site B": expected 1-64 of a-z, 0-9 and -, not starting with - as key, got "Site B"',
    ],
    [
      'outages: [{ site: site-a, rounds: [1] }]',
      'storm.yaml:1:35 outages[0].rounds: expected a list of two rounds, the first and the last, got a list of 1',
    ],
    // A site cannot both fall away and be late.
    [
      'dropout: 0.6\nstraggling: 0.6',
      'storm.yaml:2:13 straggling: expected at most 1 together with dropout, got 0.6',
    ],
    ['dropout: 0.1\ndropout: 0.2', 'storm.yaml:2:1 dropout: expected each key once, got a second one'],
    ['[]', 'storm.yaml:1:1: expected a mapping, got an empty list'],
    ['7', 'storm.yaml:1:1: expected a mapping, got 7'],
  ])('refuses %j', (text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });
});

describe('invited', () => {
  it('invites all of them where all take part', () => {
    expect(invited(CALM, SITES, 1, 1)).toEqual(new Set(SITES));
  });

  it('invites the share, at least one, drawn anew each round and alike each time', () => {
    const half: Scenario = { ...CALM, participation: 0.5 };
    const rounds = [1, 2, 3, 4, 5, 6].map((round) => [...invited(half, SITES, 7, round)].sort().join());
    for (const [i, names] of rounds.entries()) {
      expect(names.split(',')).toHaveLength(5);
      expect([...invited(half, SITES, 7, i + 1)].sort().join()).toBe(names);
    }
    expect(new Set(rounds).size).toBeGreaterThan(1);
    expect(invited({ ...CALM, participation: 0.01 }, SITES, 7, 1).size).toBe(1);
  });

  it('leaves no site out for good', () => {
    const seen = new Set<string>();
    for (let round = 1; round <= 60; round++) {
      for (const site of invited({ ...CALM, participation: 0.3 }, SITES, 3, round)) seen.add(site);
    }
    expect(seen.size).toBe(10);
  });
});

describe('fateOf', () => {
  const storm: Scenario = { ...CALM, dropout: 0.2, straggling: 0.3 };

  it('is always to answer where nothing goes wrong', () => {
    for (let round = 1; round <= 50; round++) expect(fateOf(CALM, A, 1, round)).toBe('answers');
  });

  it('comes as often as the scenario says', () => {
    const counts = { answers: 0, vanishes: 0, delayed: 0 };
    const rounds = 10_000;
    for (let round = 1; round <= rounds; round++) counts[fateOf(storm, A, 1, round)]++;
    // Four deviations of a share of 10,000, at most 4 · √(.25 / 10⁴) = .02.
    expect(Math.abs(counts.vanishes / rounds - 0.2)).toBeLessThan(0.02);
    expect(Math.abs(counts.delayed / rounds - 0.3)).toBeLessThan(0.02);
  });

  it('is drawn from seed, site and round, and from nothing else', () => {
    const fates = (seed: number, site: typeof A) =>
      Array.from({ length: 40 }, (_, i) => fateOf(storm, site, seed, i + 1)).join();
    expect(fates(1, A)).toBe(fates(1, A));
    expect(fates(1, A)).not.toBe(fates(2, A));
    expect(fates(1, A)).not.toBe(fates(1, B));
  });
});

describe('absentIn', () => {
  const held: readonly ModalityId[] = [CT, LABS];
  const out = (modality: ModalityId | undefined): Scenario => ({
    ...CALM,
    outages: [{ site: A, modality, from: 3, to: 5 }],
  });

  it('counts the first and the last round of an outage', () => {
    const rounds = [2, 3, 4, 5, 6].map((round) => absentIn(out(CT), A, held, round).join());
    expect(rounds).toEqual(['', 'ct', 'ct', 'ct', '']);
  });

  it('takes everything where no modality is named', () => {
    expect(absentIn(out(undefined), A, held, 3)).toEqual([CT, LABS]);
  });

  it('takes nothing from another site, nor what the site does not have', () => {
    expect(absentIn(out(CT), B, held, 4)).toEqual([]);
    expect(absentIn(out(CT), A, [LABS], 4)).toEqual([]);
  });
});

describe('circumstancesOf', () => {
  it('asks for the release of a round only when the straggler does', async () => {
    const asked: number[] = [];
    const release = async (round: number) => {
      asked.push(round);
    };
    const always: Scenario = { ...CALM, straggling: 0.99 };
    const { fate } = circumstancesOf(always, { id: A, held: [CT], seed: 1 }, release);
    const drawn = fate(2);
    expect([drawn.kind, asked]).toEqual(['delayed', []]);
    if (drawn.kind === 'delayed') await drawn.release();
    expect(asked).toEqual([2]);
  });
});
