import { identifier, literal } from '../sql-text.ts';
import { bodyOf } from '../tables.ts';
import { type EventClock, type EventSource, usesValue } from './event-source.ts';

/** Names of what is kept in memory while the events of one modality are read. */
export const KEPT = { patients: 'patients of events', events: 'events of codes' } as const;

/** A date with or without a time, with or without an offset. */
const ISO = String.raw`^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?)?$`;
const NUMBER = String.raw`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`;
const DAY_US = 86_400_000_000;

/**
 * The events whose code belongs to a feature, each with its time. Columns: patient, code, value and unit as texts,
 * feature as its position in `source.features`, start and past in microseconds (an event that names only its day takes
 * the whole of it; a moment has past = start), hasOffset and isLocal.
 * @param query the site's own, checked before.
 */
export function eventsQuery(source: EventSource, query: string): string {
  const { columns } = source;
  const unit = columns.unit === undefined ? "''" : `coalesce(${textOf(columns.unit)}, '')`;
  const codes = [...source.features.values()].flatMap((feature, i) =>
    feature.codes.map((code) => `(${i}, ${literal(code)})`),
  );
  return `
    with wanted (feature, code) as (values ${codes.join(', ')}),
    coded as (
      select ${textOf(columns.patient)} as patient, ${textOf(columns.time)} as time, ${textOf(columns.code)} as code,
        nullif(${textOf(columns.value)}, '') as value, ${unit} as unit
      from (\n${bodyOf(query)}\n)
    ),
    timed as (select coded.*, feature, ${timeFields('time', source.clock)} from coded join wanted using (code))
    select patient, code, value, unit, feature, ${spanFields(source.clock)} from timed`;
}

/** The kept patients with their time 0. Columns: patient, start, hasOffset, isLocal. */
function indexQuery(source: EventSource): string {
  const kept = identifier(KEPT.patients);
  if (source.index.kind === 'constant') {
    return `select patient, ${source.index.us}::bigint as start, false as hasOffset, false as isLocal from ${kept}`;
  }
  return `select patient, ${spanFields(source.clock)} from (select patient, ${timeFields('"index"', source.clock)} from ${kept})`;
}

/** The kept events inside of their patient's window, with what their feature takes of them. */
function placedQuery(source: EventSource): string {
  const rules = [...source.features.values()].map((feature, i) => {
    const isNumber = usesValue(feature) && !feature.isLevel;
    return `(${i}, ${literal(feature.take)}, ${isNumber}, ${usesValue(feature)}, ${feature.units !== undefined})`;
  });
  const units = [...source.features.values()].flatMap((feature, i) =>
    [...(feature.units ?? [])].map(
      ([unit, { factor, shift }]) => `(${i}, ${literal(unit)}, ${number(factor)}, ${number(shift)})`,
    ),
  );
  const known = units.length > 0 ? `values ${units.join(', ')}` : "select -1, '', 1::double, 0::double";
  return `
    with indexed as (${indexQuery(source)}),
    rules (feature, take, isNumber, usesValue, hasUnits) as (values ${rules.join(', ')}),
    units (feature, unit, factor, shift) as (${known}),
    placed as (
      select event.patient, event.feature, event.start, event.value, event.unit, take, isNumber, usesValue,
        hasUnits and factor is null as isUnknownUnit,
        usesValue and event.value is not null
          and isNumber and not regexp_matches(event.value, ${literal(NUMBER)}) as isNoNumber,
        case when usesValue and isNumber and not (hasUnits and factor is null)
            and regexp_matches(event.value, ${literal(NUMBER)})
          then try_cast(event.value as double) * coalesce(factor, 1) + coalesce(shift, 0) end as number,
        case when usesValue and not isNumber and not (hasUnits and factor is null) then event.value end as level
      from ${identifier(KEPT.events)} as event
      join indexed on event.patient = indexed.patient
      join rules on rules.feature = event.feature
      left join units on units.feature = event.feature and units.unit = event.unit
      where event.start >= indexed.start + (${source.fromUs})
        and event.start < indexed.start + (${source.toUs})
        and event.past <= indexed.start + (${source.toUs})
    )`;
}

/**
 * One row per patient and feature with an event in the window: patient, feature, number, level, events. Of several at
 * one time, last takes the largest value and first the smallest, so that the order of the rows does not matter.
 */
export function featuresQuery(source: EventSource): string {
  return `${placedQuery(source)}
    select patient, feature, count(*) as events,
      coalesce(
        last(number order by start, number) filter (where take = 'last' and number is not null),
        first(number order by start, number) filter (where take = 'first' and number is not null),
        avg(number) filter (where take = 'mean'),
        min(number) filter (where take = 'min'),
        max(number) filter (where take = 'max')
      ) as number,
      coalesce(
        last(level order by start, level) filter (where take = 'last' and level is not null),
        first(level order by start, level) filter (where take = 'first' and level is not null)
      ) as level
    from placed group by patient, feature order by patient, feature`;
}

/** One row per feature: placed events, those of another unit, those without a number, and how many units come. */
export function featureCountsQuery(source: EventSource): string {
  return `${placedQuery(source)}
    select feature, count(*) as events, count(*) filter (where isUnknownUnit) as unknownUnit,
      count(*) filter (where isNoNumber and not isUnknownUnit) as noNumber,
      count(distinct unit) filter (where number is not null) as units
    from placed group by feature order by feature`;
}

/** One row: counts over all kept events and patients. */
export function totalsQuery(source: EventSource): string {
  return `
    with indexed as (${indexQuery(source)}), event as (select * from ${identifier(KEPT.events)})
    select
      (select count(*) from event) as events,
      (select count(*) from event where start is null) as untimed,
      (select count(*) from event where patient is null or patient not in (select patient from indexed)) as strangers,
      (select count(*) from indexed where start is null) as withoutIndex,
      (select count(*) from event where hasOffset) as offsetEvents,
      (select count(*) from event where isLocal) as localEvents,
      (select count(*) from indexed where hasOffset) as offsetIndexes,
      (select count(*) from indexed where isLocal) as localIndexes`;
}

/** Text without blanks around it; whole numbers that a file holds as floats lose their `.0`. */
function textOf(column: string): string {
  const name = identifier(column);
  const text = `trim(cast(${name} as varchar))`;
  return `case when typeof(${name}) in ('DOUBLE', 'FLOAT') then regexp_replace(${text}, '\\.0$', '') else ${text} end`;
}

/** Fields `us`, `day` and `zone` of a text of time; all null where it is none. */
function timeFields(text: string, clock: EventClock): string {
  if (clock.kind === 'number') {
    const us = `case when regexp_matches(${text}, ${literal(NUMBER)})
      then try_cast(round(try_cast(${text} as double) * ${clock.unitUs}) as bigint) end`;
    return `${us} as us, false as isDay, '' as zone`;
  }
  const part = (group: number) => `regexp_extract(${text}, ${literal(ISO)}, ${group})`;
  const stamp = `try_cast(${part(1)} || ' ' || coalesce(nullif(${part(2)}, ''), '00:00') as timestamp)`;
  const digits = `rpad(regexp_replace(${part(3)}, '[^0-9]', '', 'g'), 4, '0')`;
  const minutes = `(cast(left(${digits}, 2) as bigint) * 60 + cast(right(${digits}, 2) as bigint))`;
  const offset = `case when ${part(3)} in ('', 'Z') then 0
    else ${minutes} * (case when left(${part(3)}, 1) = '-' then -60000000 else 60000000 end) end`;
  const local =
    clock.zone === undefined ? `epoch_us(${stamp})` : `epoch_us(timezone(${literal(clock.zone)}, ${stamp}))`;
  const us = `case when ${part(3)} = '' then ${local} else epoch_us(${stamp}) - (${offset}) end`;
  return `${us} as us, ${part(2)} = '' as isDay, ${part(3)} as zone`;
}

function spanFields(clock: EventClock): string {
  const isLocal =
    clock.kind === 'calendar' && clock.zone === undefined
      ? `us is not null and not isDay and zone = ''`
      : 'false';
  return `us as start, case when isDay then us + ${DAY_US} else us end as past,
    us is not null and zone <> '' as hasOffset, ${isLocal} as isLocal`;
}

function number(value: number): string {
  return `${value}::double`;
}
