import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingPool } from '../../../client/training/training-pool.ts';
import type { RunningCoordinator } from '../../../server/app.ts';
import { encodeApproval, encodeListStudiesRequest } from '../../../shared/wire/study-codec.ts';
import { inlinePool } from '../../../simulations/engine/inline-pool.ts';
import { type HospitalFiles, hospitalFiles, STUDY_FILE } from '../../helpers/hospital-files.ts';
import {
  approvalOf,
  prepareSite,
  runDaemon,
  type SmallNetwork,
  siteCalls,
  smallNetwork,
  startStudy,
} from '../../helpers/small-network.ts';

const SITES = ['east', 'north', 'south', 'west'];
const SOURCE = STUDY_FILE.replace('minHolders: 2', 'minHolders: 3');

let files: HospitalFiles;
let network: SmallNetwork;
let pool: TrainingPool;
let coordinator: RunningCoordinator;
beforeAll(async () => {
  files = hospitalFiles();
  network = await smallNetwork(SITES);
  pool = await inlinePool();
  coordinator = await network.startCoordinator({ metrics: '127.0.0.1:0', software: '1.2.3' });
});
afterAll(async () => {
  await coordinator.stop(1000);
  files.remove();
  network.remove();
});

function at(path: string, init?: RequestInit): Promise<Response> {
  return fetch(`http://127.0.0.1:${coordinator.ports.metrics}${path}`, init);
}

/** The samples of a scrape: `name{labels}` to value. */
async function scraped(): Promise<ReadonlyMap<string, number>> {
  const text = await (await at('/metrics')).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

describe('the figures of a coordinator', () => {
  it('show a study from its start to its end', async () => {
    const before = await scraped();
    expect(before.get('consilium_studies{phase="declaring"}')).toBe(0);
    expect(before.get('consilium_rounds_total{outcome="committed"}')).toBe(0);
    expect(before.get(`consilium_build_info{version="1.2.3",node="${process.versions.node}"}`)).toBe(1);
    expect(before.get('consilium_roster_sites{status="active"}')).toBe(4);
    expect(before.get('process_resident_memory_bytes')).toBeGreaterThan(2 ** 20);
    expect(before.get('consilium_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);

    const hash = await startStudy(network, SOURCE, coordinator.ports.people as number);
    const study = hash.slice(0, 12);
    const started = await scraped();
    expect(started.get('consilium_studies{phase="declaring"}')).toBe(1);
    expect(started.get(`consilium_study_round{study="${study}"}`)).toBe(0);
    // Nobody has called yet: all four are away.
    expect(started.get(`consilium_study_sites{study="${study}",standing="away"}`)).toBe(4);
    expect(
      started.get(`consilium_site_progress_age_seconds{study="${study}",site="north"}`),
    ).toBeGreaterThanOrEqual(0);

    for (const site of SITES) {
      const place = { id: 'hospitals', hash, mapping: files.path(`${site}.site.yaml`), data: files.folder };
      await prepareSite(network, site, place);
    }
    const signal = new AbortController().signal;
    await Promise.all(
      SITES.map((site) => runDaemon(network, site, { port: coordinator.ports.sites, pool, signal })),
    );
    const ended = await scraped();
    expect(ended.get('consilium_studies{phase="complete"}')).toBe(1);
    expect(ended.get('consilium_studies{phase="declaring"}')).toBe(0);
    // Three rounds, each committed once.
    expect(ended.get('consilium_rounds_total{outcome="committed"}')).toBe(3);
    expect(ended.get('consilium_rounds_total{outcome="failed"}')).toBe(0);
    expect([...ended.keys()].filter((name) => name.includes(study))).toEqual([]);
    expect(ended.get('consilium_uploads_under_way')).toBe(0);
    expect(ended.get('consilium_received_bytes_total')).toBeGreaterThan(0);
    // Four sites in three rounds.
    expect(ended.get('consilium_calls_total{method="RoundsService/CommitUpdate",code="OK"}')).toBe(12);
    expect(ended.get('consilium_call_duration_seconds_count{method="RoundsService/CommitUpdate"}')).toBe(12);
    expect(ended.get('consilium_calls_total{method="RoundsService/FetchBlock",code="OK"}')).toBeGreaterThan(
      0,
    );
  }, 120_000);

  it('count a call that is refused under its code', async () => {
    const hash = await startStudy(
      network,
      SOURCE.replace('seed: 7', 'seed: 8'),
      coordinator.ports.people as number,
    );
    const calls = await siteCalls(network, 'north', coordinator.ports.sites);
    const ofAnother = { ...approvalOf(network, 'south', hash) };
    const key = 'consilium_calls_total{method="StudyService/Approve",code="UNAUTHENTICATED"}';
    const before = (await scraped()).get(key) ?? 0;
    await expect(
      calls.call('/consilium.v1.StudyService/Approve', encodeApproval(ofAnother), { tries: 1 }),
    ).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await calls.call('/consilium.v1.StudyService/ListStudies', encodeListStudiesRequest(undefined));
    calls.connection.close();
    expect((await scraped()).get(key)).toBe(before + 1);
  });

  it('carry no label that a caller chose', async () => {
    const text = await (await at('/metrics')).text();
    expect(text).not.toContain('hospitals');
    expect(text).not.toContain('lead');
  });

  it('are given to GET alone, and nothing else is there', async () => {
    expect((await at('/metrics', { method: 'POST' })).status).toBe(405);
    expect((await at('/')).status).toBe(404);
    expect((await at('/metrics')).headers.get('content-type')).toMatch(/^text\/plain/);
  });
});

describe('/healthz', () => {
  it('is fine while the studies are looked after, and not once that hangs', async () => {
    expect((await at('/healthz')).status).toBe(200);
    let nowMs = 0;
    const other = await smallNetwork(['alone']);
    const hung = await other.startCoordinator({ metrics: '127.0.0.1:0', monotonic: { now: () => nowMs } });
    const ask = () => fetch(`http://127.0.0.1:${hung.ports.metrics}/healthz`);
    expect((await ask()).status).toBe(200);
    // Five minutes in which no look at the studies came to its end.
    nowMs = 5 * 60_000;
    expect((await ask()).status).toBe(503);
    await hung.stop(0);
    other.remove();
  });

  it('cannot be asked where no address is given', async () => {
    const other = await smallNetwork(['alone']);
    const silent = await other.startCoordinator();
    expect(silent.ports.metrics).toBeUndefined();
    await silent.stop(0);
    other.remove();
  });
});
