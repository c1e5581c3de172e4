import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readSite } from '../../../../client/data/read-site.ts';
import { readSiteFile } from '../../../../client/data/site-file.ts';
import { modalityId } from '../../../../shared/core/ids.ts';
import { parseStudy } from '../../../../shared/study/parse.ts';
import { realData } from '../../../helpers/real-data.ts';

const tables = realData('eicu-demo/tables');

const STUDY = parseStudy(
  `
study: icu
task: { kind: binary, label: died }
modalities:
  vitals: { kind: tabular, features: { meanPressure: {}, lastPressure: {}, measured: {} } }
`,
  'icu.yaml',
);

const SITE = `site: icu
data:
  patients:
    sql: >
      select patientunitstayid, case hospitaldischargestatus when 'Expired' then 1 when 'Alive' then 0 end as died
      from 'patient.csv.gz'
    id: patientunitstayid
  modalities:
    vitals:
      events:
        sql: >
          select patientunitstayid as patient, observationoffset as time, 'map' as code, noninvasivemean as value
          from 'vitalaperiodic.csv.gz' where noninvasivemean is not null
        timeUnit: m
      window: { index: 0, from: 0, to: 24h }
      features:
        meanPressure: { code: map, take: mean }
        lastPressure: { code: map, take: last }
        measured: { code: map, take: count }
`;

describe.skipIf(tables === undefined)('the first day of an eICU stay', () => {
  it('has the mean, last and number of pressures that a loop over the lines finds', async () => {
    const site = readSiteFile(SITE, 'icu.site.yaml', STUDY);
    const { cohort, intake } = await readSite(STUDY, site, { dataDir: tables as string });
    const vitals = cohort.modalities.get(modalityId('vitals'));
    const values = vitals?.values as Float32Array;
    const found = new Map(
      cohort.patientIds.flatMap((id, i): [string, number[]][] => {
        const row = vitals?.row[i] as number;
        return row < 0 ? [] : [[id, [...values.subarray(row * 3, row * 3 + 3)]]];
      }),
    );
    expect(found).toEqual(twin(new Set(cohort.patientIds)));
    // Counted with Python's csv module.
    expect(cohort.patientIds).toHaveLength(2492);
    expect(found.size).toBe(2283);
    expect(found.get('141764')).toEqual([125.625, 103, 8]);
    expect(found.get('141765')).toEqual([Math.fround(95.17391304347827), 127, 23]);
    expect(found.get('143870')).toEqual([74.5, 78, 18]);
    expect(intake.leftOut).toEqual([]);
  });
});

/** Mean, last (the largest at the last time) and number by stay, with no SQL. */
function twin(stays: ReadonlySet<string>): Map<string, number[]> {
  const [header = '', ...lines] = gunzipSync(readFileSync(join(tables as string, 'vitalaperiodic.csv.gz')))
    .toString()
    .trimEnd()
    .split('\n');
  const names = header.replaceAll('"', '').split(',');
  const [stay, offset, pressure] = ['patientunitstayid', 'observationoffset', 'noninvasivemean'].map((name) =>
    names.indexOf(name),
  ) as [number, number, number];
  const byStay = new Map<string, [minutes: number, value: number][]>();
  for (const cells of lines.map((line) => line.split(','))) {
    const id = cells[stay] as string;
    const minutes = Number(cells[offset]);
    if (cells[pressure] === '' || minutes < 0 || minutes >= 1440 || !stays.has(id)) continue;
    byStay.set(id, [...(byStay.get(id) ?? []), [minutes, Number(cells[pressure])]]);
  }
  return new Map(
    [...byStay].map(([id, measured]) => {
      const [last] = measured.toSorted(([t, v], [u, w]) => u - t || w - v) as [[number, number]];
      const mean = measured.reduce((sum, [, value]) => sum + value, 0) / measured.length;
      return [id, [Math.fround(mean), last[1], measured.length]];
    }),
  );
}
