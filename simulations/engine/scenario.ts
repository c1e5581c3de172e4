import { z } from 'zod';
import type { Circumstances } from '../../client/rounds/participant.ts';
import { checkSchema, listWords, nearest, valueAt } from '../../shared/config/check-schema.ts';
import { describeValue, type Fault, refuseFaults } from '../../shared/config/faults.ts';
import type { YamlFile } from '../../shared/config/yaml-file.ts';
import { type ModalityId, modalityId, type SiteId, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';

/** What goes wrong in a simulated federation. Everything is drawn from the study's seed, so a run repeats. */
export interface Scenario {
  /** Share of the sites that are invited to each round, at least one site. */
  readonly participation: number;
  /** Probability that an invited site falls away in a round. */
  readonly dropout: number;
  /** Probability that a site answers only after the round was closed without it. */
  readonly straggling: number;
  /** Sites that join after round 1. */
  readonly joins: ReadonlyMap<SiteId, number>;
  /** Modalities (all of the site's where none is named) that cannot be read in rounds `from` to `to`, both included. */
  readonly outages: readonly {
    readonly site: SiteId;
    readonly modality: ModalityId | undefined;
    readonly from: number;
    readonly to: number;
  }[];
}

export const CALM: Scenario = { participation: 1, dropout: 0, straggling: 0, joins: new Map(), outages: [] };

const NAME_WORDS = '1-64 of a-z, 0-9 and -, not starting with -';
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: NAME_WORDS });
const probability = z.number().min(0).lt(1).default(0);
const round = z.int().min(1);

const roundRange = z
  .tuple([round, round], { error: 'a list of two rounds, the first and the last' })
  .superRefine(([from, to], context) => {
    if (from <= to) return;
    context.addIssue({ code: 'custom', path: [1], message: `at least ${from}, the round before it` });
  });

/**
 * The spelling in a scenario file; `error` texts complete "expected …".
 * `{ participation: .5, dropout: .1, straggling: .1, joins: {site-b: 12}, gains: [{site, modality, round}], outages: [{site, modality, rounds: [5, 7]}] }`.
 */
const scenarioSchema = z
  .strictObject({
    participation: z.number().gt(0).max(1).default(1),
    dropout: probability,
    straggling: probability,
    joins: z.record(name, round).default({}),
    gains: z.array(z.strictObject({ site: name, modality: name, round })).default([]),
    outages: z
      .array(z.strictObject({ site: name, modality: name.optional(), rounds: roundRange }))
      .default([]),
  })
  // Both are at most 1 by themselves, so that only their sum is left to refuse.
  .refine(({ dropout, straggling }) => !(dropout <= 1 && straggling <= 1 && dropout + straggling > 1), {
    path: ['straggling'],
    error: 'at most 1 together with dropout',
    when: ({ value }) => typeof value === 'object' && value !== null,
  });

/** Whom a scenario may name. */
export interface KnownNames {
  readonly sites: readonly SiteId[];
  readonly modalities: readonly ModalityId[];
}

/**
 * What a scenario file says, held against the federation: a name that nobody has would be passed over in silence.
 * @throws ConsiliumError `BAD_ARGUMENT` with every fault of the file at once, one line each.
 */
export function parseScenario(yaml: YamlFile, known: KnownNames): Scenario {
  if (yaml.value === null) return CALM;
  const checked = yaml.value === undefined ? undefined : checkSchema(scenarioSchema, yaml);
  const faults = [
    ...yaml.faults,
    ...(checked?.ok === false ? checked.faults : []),
    ...nameFaults(yaml, known),
  ];
  refuseFaults('BAD_ARGUMENT', faults, 'docs/researcher.md shows a scenario file, in section 8.');
  if (checked?.ok !== true) throw new Error('a scenario file without faults has a value');
  const { participation, dropout, straggling, joins, gains, outages } = checked.value;
  return {
    participation,
    dropout,
    straggling,
    joins: new Map(Object.entries(joins).map(([site, from]) => [siteId(site), from])),
    outages: [
      ...outages.map(({ site, modality, rounds }) => ({
        site: siteId(site),
        modality: modality === undefined ? undefined : modalityId(modality),
        from: rounds[0],
        to: rounds[1],
      })),
      // A modality that is gained in round r could not be read before.
      ...gains
        .filter((gain) => gain.round > 1)
        .map((gain) => ({
          site: siteId(gain.site),
          modality: modalityId(gain.modality),
          from: 1,
          to: gain.round - 1,
        })),
    ],
  };
}

/** Sites and modalities that nobody has, wherever they stand; a name of the wrong form is left to the schema. */
function nameFaults(yaml: YamlFile, known: KnownNames): Fault[] {
  const joins = valueAt(yaml.value, ['joins']);
  const listed = ['gains', 'outages'].flatMap((key) => {
    const entries = valueAt(yaml.value, [key]);
    return Array.isArray(entries) ? entries.map((_, i) => [key, i] as const) : [];
  });
  const joining =
    typeof joins === 'object' && joins !== null && !Array.isArray(joins) ? Object.keys(joins) : [];
  return [
    ...joining.flatMap((site) =>
      nameFault(site, { yaml, path: ['joins', site], known: known.sites, what: 'site', at: 'key' }),
    ),
    ...listed.flatMap((entry) =>
      (['site', 'modality'] as const).flatMap((what) => {
        const path = [...entry, what];
        const names = what === 'site' ? known.sites : known.modalities;
        return nameFault(valueAt(yaml.value, path), { yaml, path, known: names, what, at: 'value' });
      }),
    ),
  ];
}

function nameFault(
  found: unknown,
  place: {
    readonly yaml: YamlFile;
    readonly path: readonly PropertyKey[];
    readonly known: readonly string[];
    readonly what: string;
    readonly at: 'key' | 'value';
  },
): Fault[] {
  const { yaml, path, known, what, at } = place;
  const word = name.safeParse(found);
  if (!word.success || known.includes(word.data)) return [];
  const meant = nearest(word.data, known);
  const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
  return [
    yaml.fault(path, `a ${what} of the study: ${listWords(known)}`, describeValue(word.data) + hint, at),
  ];
}

/** The sites invited to a round. Every round draws anew; sites are considered in the order given. */
export function invited(
  scenario: Scenario,
  sites: readonly SiteId[],
  seed: number,
  round: number,
): ReadonlySet<SiteId> {
  if (scenario.participation >= 1) return new Set(sites);
  const count = Math.max(1, Math.round(scenario.participation * sites.length));
  const order = seededRandom(seed, 'participation', round).permutation(sites.length);
  return new Set(Array.from(order.subarray(0, count), (index) => sites[index] as SiteId));
}

export type Fate = 'answers' | 'vanishes' | 'delayed';

export function fateOf(scenario: Scenario, site: SiteId, seed: number, round: number): Fate {
  const draw = seededRandom(seed, site, round, 'fate').uniform();
  if (draw < scenario.dropout) return 'vanishes';
  return draw < scenario.dropout + scenario.straggling ? 'delayed' : 'answers';
}

/** Modalities that the site cannot read in the round. @param held everything that the site has. */
export function absentIn(
  scenario: Scenario,
  site: SiteId,
  held: readonly ModalityId[],
  round: number,
): readonly ModalityId[] {
  const active = scenario.outages.filter(
    (outage) => outage.site === site && round >= outage.from && round <= outage.to,
  );
  if (active.some(({ modality }) => modality === undefined)) return held;
  return held.filter((id) => active.some(({ modality }) => modality === id));
}

/** What befalls one site; `release(round)` resolves once the round has been closed without the stragglers. */
export function circumstancesOf(
  scenario: Scenario,
  site: { readonly id: SiteId; readonly held: readonly ModalityId[]; readonly seed: number },
  release: (round: number) => Promise<void>,
): Circumstances {
  return {
    absent: (round) => absentIn(scenario, site.id, site.held, round),
    fate(round) {
      const fate = fateOf(scenario, site.id, site.seed, round);
      return fate === 'delayed' ? { kind: 'delayed', release: () => release(round) } : { kind: fate };
    },
  };
}
