import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import type { RunningCoordinator } from '../../server/app.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { plantedCanaries } from '../../simulations/audit/canary-scan.ts';
import { canarySearch, ENCODINGS, hidden } from '../../simulations/audit/canary-search.ts';
import { runFederation } from '../../simulations/engine/federation.ts';
import { inlinePool } from '../../simulations/engine/inline-pool.ts';
import { transientStorage } from '../../simulations/engine/run-store.ts';
import { CALM } from '../../simulations/engine/scenario.ts';
import { dicomFile, greyElements } from '../helpers/image-files.ts';
import { hospitalCohorts, hospitalStudy } from '../helpers/small-hospitals.ts';
import {
  prepareSite,
  runDaemon,
  type SmallNetwork,
  siteCalls,
  smallNetwork,
  startStudy,
} from '../helpers/small-network.ts';

const SITES = ['east', 'north', 'south', 'west'];
const PATIENTS = 24;
/** In every planted word of a patient: ids, columns, DICOM tags. */
const PATIENT = 'QX7ZPATIENTKV93';
/** In names of files, and in the text of an exception. */
const HOUSE = 'WJ4RHOUSEMB82TD';
/** In what the test sends on purpose: in a body, and in a header. */
const CONTROL = 'LN5GCONTROLHY61';
const HEADER_CONTROL = 'PT8DHEADERFW60C';

const SOURCE = `study: hospitals
title: Four small hospitals
seed: 7
task: { kind: binary, label: ill }
modalities:
  ct: { kind: image, height: 6, width: 6, channels: 1, filters: [4] }
  labs: { kind: tabular, features: [sodium, glucose] }
model: { embedding: 4, encoder: { hidden: [6] } }
training: { rounds: 2, epochs: 1, batch: 16 }
merge: { minHolders: 3, minPatients: 1 }
evaluation: { split: { test: 0.25, validation: 0.2 }, minCell: 1 }
`;

/** Every byte that a gRPC client of this process handed to its connection. */
const sent: Uint8Array[] = [];
/** Names and values of the headers of every HTTP/2 stream that such a client opened, metadata and all. */
const headers: Uint8Array[] = [];
/** What the sites' logs were told. */
const logged: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'consilium-canaries-'));
let network: SmallNetwork;
let coordinator: RunningCoordinator;
const taps: (() => void)[] = [];

beforeAll(async () => {
  taps.push(tapClients(), tapHeaders());
  network = await smallNetwork(SITES);
  coordinator = await network.startCoordinator();
  const hash: ContentHash = await startStudy(network, SOURCE, coordinator.ports.people as number);
  for (const site of SITES) {
    const mapping = writeHospital(site);
    await prepareSite(network, site, { id: 'hospitals', hash, mapping, data: folder });
  }
  const pool = await inlinePool();
  const tell = (...facts: unknown[]) => void logged.push(JSON.stringify(facts));
  const log = { info: tell, warn: tell, error: tell };
  const port = coordinator.ports.sites;
  const { signal } = new AbortController();
  await Promise.all(
    SITES.map((site) =>
      runDaemon(network, site, {
        port,
        pool: site === 'west' ? failingOnce(pool) : pool,
        signal,
        changes: { log },
      }),
    ),
  );
  const onPurpose = await siteCalls(network, 'east', port);
  await onPurpose
    .call('/consilium.v1.StudyService/ListStudies', Buffer.from(`Mrs ${CONTROL}`), { tries: 1 })
    .catch(() => undefined);
  onPurpose.connection.close();
  await sendHeader(HEADER_CONTROL);
}, 60_000);
afterAll(async () => {
  for (const remove of taps) remove();
  await coordinator.stop(1000);
  network.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('D8: words planted in the data of four hospitals on a network', () => {
  it('D8: are in no byte that left a site', () => {
    expect(sent.reduce((sum, each) => sum + each.length, 0)).toBeGreaterThan(50_000);
    for (const stem of [PATIENT, HOUSE]) {
      const search = canarySearch(stem);
      expect(sent.flatMap((bytes) => search.find(bytes))).toEqual([]);
    }
  });

  it('D8: are in no header of a call, where metadata would be', () => {
    // Path, authority, agent and deadline of each call at least.
    expect(headers.length).toBeGreaterThan(4 * SITES.length);
    expect(headers.flatMap((bytes) => canarySearch('/consilium.v1.').find(bytes))).toContain('plain');
    for (const stem of [PATIENT, HOUSE]) {
      const search = canarySearch(stem);
      expect(headers.flatMap((bytes) => search.find(bytes))).toEqual([]);
    }
  });

  it('D8: are nowhere in the folder of the coordinator, nor in its audit log', () => {
    const stored = [
      ...bytesUnder(join(network.folder, 'coordinator')),
      Buffer.from(JSON.stringify(network.audited)),
    ];
    for (const stem of [PATIENT, HOUSE]) {
      const search = canarySearch(stem);
      expect(stored.flatMap((bytes) => search.find(bytes))).toEqual([]);
    }
    // What is stored there can be found: the title of the study is.
    const title = canarySearch('Four small hospitals');
    expect(stored.flatMap((bytes) => title.find(bytes))).not.toEqual([]);
  });

  it('D8: are in no log of a site, where they say anything of a patient', () => {
    const search = canarySearch(PATIENT);
    expect(logged.length).toBeGreaterThan(SITES.length);
    expect(logged.flatMap((line) => search.find(Buffer.from(line)))).toEqual([]);
  });

  it('D8: would be seen: a word that is sent on purpose is found', () => {
    const search = canarySearch(CONTROL);
    expect(sent.flatMap((bytes) => search.find(bytes))).toContain('plain');
    const ofHeaders = canarySearch(HEADER_CONTROL);
    expect(headers.flatMap((bytes) => ofHeaders.find(bytes))).toContain('plain');
  });

  it('D8: were read, images and all, by every site, and stood in an exception at one', () => {
    const said = (words: string) => logged.filter((line) => line.includes(words)).length;
    expect(said(`"study.read",{"study":"hospitals","patients":${PATIENTS},"modalities":2}`)).toBe(4);
    expect(said('"phase":"withdrawn"')).toBe(1);
  });
});

describe('D8: words planted in a simulation', () => {
  it.each(['false', 'true'])('D8: are in no message of a site (secure aggregation: %s)', async (isSecure) => {
    const study = hospitalStudy(
      'training.rounds=2',
      `privacy.secureAggregation=${isSecure}`,
      ...(isSecure === 'true' ? ['merge.minHolders=3'] : []),
    );
    const canaries = plantedCanaries();
    await runFederation({
      study,
      cohorts: hospitalCohorts().map(canaries.plant),
      scenario: CALM,
      pool: await inlinePool(),
      storage: transientStorage('last-three'),
      signal: new AbortController().signal,
      onSent: canaries.look,
    });
    const { planted, messages, bytes, hits, controlFound } = canaries.result();
    // 60 + 30 + 45 + 25 patients.
    expect(planted).toBe(160);
    expect(messages).toBeGreaterThan(4 * 3);
    expect(bytes).toBeGreaterThan(1000);
    expect(hits).toEqual([]);
    expect(controlFound).toBe(true);
  });

  it('D8: are found in a message that carries one', () => {
    const canaries = plantedCanaries();
    const [cohort] = hospitalCohorts().map(canaries.plant);
    const parts = [Buffer.from(cohort?.patientIds[7] ?? '')];
    canaries.look({ site: cohort?.site as never, kind: 'update', parts });
    expect(canaries.result().hits).toEqual([{ site: 'north', kind: 'update', encoding: 'plain' }]);
  });
});

describe('canarySearch', () => {
  it.each(ENCODINGS)('finds a word in %s, wherever it stands', (encoding) => {
    const search = canarySearch(CONTROL);
    for (const before of ['', 'a', 'ab', 'abc']) {
      const word = encoding === 'base64' ? `${before}${CONTROL} and more` : CONTROL;
      const bytes = Buffer.concat([Buffer.from(before), hidden(word, encoding), Buffer.from('zz')]);
      expect(search.find(bytes)).toContain(encoding);
    }
  });

  it('finds nothing in noise, and refuses a word that chance would find', () => {
    const random = seededRandom('noise');
    const noise = Uint8Array.from({ length: 100_000 }, () => random.below(256));
    expect(canarySearch(CONTROL).find(noise)).toEqual([]);
    expect(() => canarySearch('Smith')).toThrow(/at least 12 letters/);
  });
});

/** Notes the bytes of every request and upload of every client, on their way out. @returns what takes the taps off. */
function tapClients(): () => void {
  const methods = ['makeUnaryRequest', 'makeServerStreamRequest', 'makeClientStreamRequest'] as const;
  const prototype = Client.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const before = methods.map((name) => [name, prototype[name]] as const);
  for (const [name, method] of before) {
    prototype[name] = function (this: unknown, path: unknown, serialize: unknown, ...rest: unknown[]) {
      const noting = (message: unknown) => {
        const bytes = (serialize as (message: unknown) => Uint8Array)(message);
        sent.push(Uint8Array.from(bytes));
        return bytes;
      };
      return method?.call(this, path, noting, ...rest);
    };
  }
  return () => {
    for (const [name, method] of before) if (method !== undefined) prototype[name] = method;
  };
}

/** Notes the headers of every stream of every HTTP/2 session that is opened from now on. @returns what takes the tap off. */
function tapHeaders(): () => void {
  const { connect } = http2;
  http2.connect = ((...args: Parameters<typeof connect>) => {
    const session = connect(...args);
    const { request } = session;
    session.request = (given, options) => {
      for (const [name, value] of Object.entries(given ?? {})) headers.push(Buffer.from(`${name}: ${value}`));
      return request.call(session, given, options);
    };
    return session;
  }) as typeof connect;
  return () => {
    http2.connect = connect;
  };
}

/** A call with a word in its metadata, to a server that refuses it. */
async function sendHeader(word: string): Promise<void> {
  const server = http2.createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('x-note', word);
  const bytes = (value: Buffer) => value;
  await new Promise((resolve) => {
    client.makeUnaryRequest('/x', bytes, bytes, Buffer.alloc(0), metadata, resolve);
  });
  client.close();
  server.close();
}

/** A table whose name, ids and further columns are planted, and a DICOM file for each patient. @returns the site file. */
function writeHospital(site: string): string {
  const random = seededRandom('canary hospital', site);
  const scans = `${HOUSE}-scans-${site}`;
  mkdirSync(join(folder, scans));
  const rows = Array.from({ length: PATIENTS }, (_, i) => {
    const id = `${PATIENT}-${site}-${i}`;
    const pixels = Array.from({ length: 36 }, () => random.below(1000));
    const tags = [
      { tag: 0x00080080, vr: 'LO', value: `${HOUSE} hospital` },
      { tag: 0x00080090, vr: 'PN', value: `${PATIENT}^DOCTOR` },
      { tag: 0x00100010, vr: 'PN', value: `${PATIENT}^JANE` },
      { tag: 0x00100020, vr: 'LO', value: id },
      { tag: 0x00280010, vr: 'US', value: [6] },
      { tag: 0x00280011, vr: 'US', value: [6] },
    ];
    writeFileSync(join(folder, scans, `${id}.dcm`), dicomFile(greyElements(pixels, tags)));
    return [id, i % 2, 130 + 10 * random.uniform(), 5 + random.uniform(), `${PATIENT} note`].join(',');
  });
  const table = `${HOUSE}-${site}.csv`;
  writeFileSync(join(folder, table), `${['id,ill,sodium,glucose,remark', ...rows].join('\n')}\n`);
  const mapping = join(folder, `${site}.site.yaml`);
  writeFileSync(
    mapping,
    `site: ${site}
data:
  patients: { file: ${table}, id: id, label: ill }
  modalities:
    ct: { files: "${scans}/{patient}.dcm" }
    labs: {}
`,
  );
  return mapping;
}

/** The site's first training fails with a text that names a file and a patient. */
function failingOnce(pool: TrainingPool): TrainingPool {
  let hasFailed = false;
  return {
    ...pool,
    async open(...seat) {
      const opened = await pool.open(...seat);
      return {
        ...opened,
        async train(request) {
          if (hasFailed) return opened.train(request);
          hasFailed = true;
          throw new ConsiliumError('NOT_FINITE', `${HOUSE}.csv, ${PATIENT}: expected a number`);
        },
      };
    },
  };
}

function bytesUnder(directory: string): Uint8Array[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}
