import { z } from 'zod';
import type { Circumstances } from '../../client/rounds/participant.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
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

const share = z.number().min(0).max(1);
const round = z.number().int().min(1);
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected 1-64 of a-z, 0-9 and -');

/**
 * The spelling in a scenario file:
 * `{ participation: .5, dropout: .1, straggling: .1, joins: {site-b: 12}, gains: [{site, modality, round}], outages: [{site, modality, rounds: [5, 7]}] }`.
 */
const scenarioSchema = z
  .strictObject({
    participation: share.gt(0).default(1),
    dropout: share.lt(1).default(0),
    straggling: share.lt(1).default(0),
    joins: z.record(name, round).default({}),
    gains: z.array(z.strictObject({ site: name, modality: name, round })).default([]),
    outages: z
      .array(
        z.strictObject({
          site: name,
          modality: name.optional(),
          rounds: z.tuple([round, round]).refine(([from, to]) => from <= to, 'first round first'),
        }),
      )
      .default([]),
  })
  .refine(({ dropout, straggling }) => dropout + straggling <= 1, {
    path: ['straggling'],
    message: 'together with dropout more than 1',
  });

/** @throws ConsiliumError `BAD_ARGUMENT` listing every fault, one per line. */
export function parseScenario(value: unknown, fileName: string): Scenario {
  const parsed = scenarioSchema.safeParse(value ?? {});
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) => `${fileName}: ${issue.path.join('.') || 'file'}: ${issue.message}`,
    );
    throw new ConsiliumError('BAD_ARGUMENT', faults.join('\n'), {
      hint: 'docs/researcher.md shows a scenario file.',
    });
  }
  const { participation, dropout, straggling, joins, gains, outages } = parsed.data;
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

/**
 * Holds the names of a scenario against the federation: one that nobody has would be passed over in silence.
 * @throws ConsiliumError `BAD_ARGUMENT` naming all that are unknown.
 */
export function checkScenarioNames(
  scenario: Scenario,
  known: { readonly sites: readonly SiteId[]; readonly modalities: readonly ModalityId[] },
): void {
  const sites = new Set([...scenario.joins.keys(), ...scenario.outages.map(({ site }) => site)]);
  const modalities = new Set(scenario.outages.flatMap(({ modality }) => modality ?? []));
  const faults = [
    ...[...sites]
      .filter((site) => !known.sites.includes(site))
      .map((site) => `scenario: expected one of the sites ${known.sites.join(', ')}, got ${site}`),
    ...[...modalities]
      .filter((id) => !known.modalities.includes(id))
      .map((id) => `scenario: expected one of the modalities ${known.modalities.join(', ')}, got ${id}`),
  ];
  if (faults.length > 0) throw new ConsiliumError('BAD_ARGUMENT', faults.join('\n'));
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
