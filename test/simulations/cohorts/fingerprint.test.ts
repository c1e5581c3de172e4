import { describe, expect, it } from 'vitest';
import type { Labels, SiteCohort } from '../../../client/data/cohort.ts';
import { inMemory } from '../../../client/data/rows.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { fingerprint, fingerprints } from '../../../simulations/cohorts/fingerprint.ts';
import { LABS, SCAN, smallCohort } from '../../helpers/small-study.ts';

/** Three patients made anew each time, so that nothing is equal only because it is the same object. */
const cohort = () =>
  smallCohort('north', [
    { part: 'train', label: 1, labs: [5, 0], scan: 2, sex: 'f' },
    { part: 'validation', label: 0, labs: [Number.NaN, 1], scan: null, sex: 'm' },
    { part: 'test', label: 0, labs: [7, 2], scan: 3, sex: 'f' },
  ]);

const labs = () => cohort().modalities.get(LABS) ?? expect.unreachable('labs are declared');
const withLabs = (change: object): SiteCohort => ({
  ...cohort(),
  modalities: new Map([...cohort().modalities, [LABS, { ...labs(), ...change }]]),
});
const values = (...changes: [index: number, value: number][]) => {
  const copy = inMemory(labs()).slice();
  for (const [index, value] of changes) copy[index] = value;
  return copy;
};

describe('fingerprint', () => {
  it('is the same for the same data', () => {
    expect(fingerprint(cohort())).toBe(fingerprint(cohort()));
    expect(fingerprint(cohort())).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is another with one change of anything that is read', () => {
    const held = cohort().modalities;
    const changed: Record<string, SiteCohort> = {
      none: cohort(),
      site: { ...cohort(), site: siteId('south') },
      'an id': { ...cohort(), patientIds: ['p0', 'p1', 'p9'] },
      'a label': { ...cohort(), labels: { kind: 'class', values: Int32Array.of(1, 0, 1), classes: 2 } },
      'number of classes': {
        ...cohort(),
        labels: { kind: 'class', values: Int32Array.of(1, 0, 0), classes: 3 },
      },
      'a part': { ...cohort(), part: Uint8Array.of(0, 1, 1) },
      // 5 + 2⁻²¹: the next float32 after 5.
      'a cell by one bit': withLabs({ values: values([0, 5 + 2 ** -21]) }),
      'a cell gone': withLabs({ values: values([0, Number.NaN]) }),
      'a cell filled': withLabs({ values: values([2, 0]) }),
      'who has labs': withLabs({ row: Int32Array.of(0, 2, 1) }),
      'shape of labs': withLabs({ itemShape: [1, 2] }),
      'whole numbers with the same bits': withLabs({
        values: new Int32Array(inMemory(labs()).buffer.slice(0)),
      }),
      'a modality gone': { ...cohort(), modalities: new Map([...held].filter(([id]) => id !== SCAN)) },
      'no patients': smallCohort('north', []),
      'a level': {
        ...cohort(),
        groups: new Map([['sex', { levels: ['f', 'x'], index: Int16Array.of(0, 1, 0) }]]),
      },
      'a member': {
        ...cohort(),
        groups: new Map([['sex', { levels: ['f', 'm'], index: Int16Array.of(0, 1, -1) }]]),
      },
      'groups gone': { ...cohort(), groups: new Map() },
    };
    const found = new Map(Object.entries(changed).map(([what, each]) => [fingerprint(each), what]));
    expect([...found.values()]).toEqual(Object.keys(changed));
  });

  it.each<[string, Labels, Labels]>([
    [
      'the order of two labels',
      { kind: 'multilabel', values: Uint8Array.of(1, 0, 0, 0, 0, 0), width: 2 },
      { kind: 'multilabel', values: Uint8Array.of(0, 1, 0, 0, 0, 0), width: 2 },
    ],
    [
      'a target by its last bit',
      { kind: 'regression', values: Float64Array.of(1, 2, 3) },
      { kind: 'regression', values: Float64Array.of(1 + 2 ** -52, 2, 3) },
    ],
    [
      'a time',
      { kind: 'survival', time: Float64Array.of(1, 2, 3), event: Uint8Array.of(1, 1, 0) },
      { kind: 'survival', time: Float64Array.of(1, 2, 4), event: Uint8Array.of(1, 1, 0) },
    ],
    [
      'an event',
      { kind: 'survival', time: Float64Array.of(1, 2, 3), event: Uint8Array.of(1, 1, 0) },
      { kind: 'survival', time: Float64Array.of(1, 2, 3), event: Uint8Array.of(1, 1, 1) },
    ],
  ])('sees %s', (_what, before, after) => {
    expect(fingerprint({ ...cohort(), labels: after })).not.toBe(
      fingerprint({ ...cohort(), labels: before }),
    );
  });

  it('takes every missing cell for the same, whatever bits its NaN has', () => {
    const odd = values();
    // A negative NaN with a payload.
    new Uint32Array(odd.buffer)[2] = 0xffc00001;
    expect(odd[2]).toBeNaN();
    expect(fingerprint(withLabs({ values: odd }))).toBe(fingerprint(cohort()));
  });

  it('reads a view, not the buffer behind it, and leaves it as it was', () => {
    const behind = Float32Array.of(9, ...inMemory(labs()), 9);
    expect(fingerprint(withLabs({ values: behind.subarray(1, -1) }))).toBe(fingerprint(cohort()));
    expect([...behind]).toEqual([9, ...inMemory(labs()), 9]);
  });
});

describe('fingerprint, of rows on disk', () => {
  const stored = (change: object) =>
    fingerprint(
      withLabs({
        values: {
          ...{ kind: 'stored', path: '/cache/one', type: 'float32', rows: 2, contentHash: sha256('one') },
          ...{ extra: Float32Array.of(7, 2), ...change },
        },
      }),
    );

  it('sees what they are and not where they lie', () => {
    expect(stored({ path: '/elsewhere/one' })).toBe(stored({}));
    const changes = [{}, { contentHash: sha256('two') }, { rows: 3 }, { extra: Float32Array.of(7, 1) }];
    expect(new Set(changes.map(stored)).size).toBe(changes.length);
  });
});

describe('fingerprint, of a member that is new', () => {
  const withMember = (member: unknown) => fingerprint({ ...cohort(), member } as SiteCohort);

  it('sees it, and refuses one that it could not see', () => {
    expect(withMember(Int16Array.of(1))).not.toBe(withMember(Int16Array.of(2)));
    expect(withMember('a')).not.toBe(fingerprint(cohort()));
    expect(() => withMember(new Set([1]))).toThrow(TypeError);
  });
});

describe('fingerprints', () => {
  it('gives one per site, which sees the data of every seed', () => {
    const south = smallCohort('south', [{ part: 'train', label: 1, scan: 1 }]);
    const other = { ...cohort(), part: Uint8Array.of(1, 0, 2) };
    const [same, changed] = [
      [cohort(), cohort()],
      [cohort(), other],
    ].map((seeds) => fingerprints(seeds.map((north) => [north, south])));
    expect([...(same?.keys() ?? [])]).toEqual(['north', 'south']);
    expect(changed?.get(siteId('south'))).toBe(same?.get(siteId('south')));
    expect(changed?.get(siteId('north'))).not.toBe(same?.get(siteId('north')));
  });
});
