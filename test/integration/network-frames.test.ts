import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignedCalls } from '../../client/rpc/signed-calls.ts';
import { siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { encodeApproval, encodeListStudiesRequest } from '../../shared/wire/study-codec.ts';
import {
  decodeUploadProgress,
  encodeUploadManifest,
  encodeUploadProgressRequest,
  encodeUploadRequest,
} from '../../shared/wire/transfer-codec.ts';
import { chunksOf } from '../../shared/wire/update-content.ts';
import { type HospitalNetwork, hospitalNetwork, type StartedStudy } from '../helpers/hospital-network.ts';
import { framed, type RawFrames, rapidResets, rawFrames, rawTls } from '../helpers/raw-http2.ts';
import { approvalOf, siteCalls } from '../helpers/small-network.ts';

const LIST = '/consilium.v1.StudyService/ListStudies';
const UPLOAD = '/consilium.v1.RoundsService/UploadUpdate';
const FIND = '/consilium.v1.RoundsService/FindUpload';
const MAX_GROWTH_BYTES = 64 * 2 ** 20;
const NORTH = siteId('north');
/** CONSILIUM_CHAOS=full: as many frames as the papers say, some minutes. */
const [FRAMES, FRAMES_MS] =
  process.env['CONSILIUM_CHAOS'] === 'full' ? [4_000_000, 600_000] : [10_000, 10_000];

let network: HospitalNetwork;
let started: StartedStudy;
let calls: SignedCalls;
beforeAll(async () => {
  network = await hospitalNetwork();
  started = await network.start();
  calls = await siteCalls(network, 'north', started.coordinator.ports.sites);
});
afterAll(async () => {
  calls.connection.close();
  await started.coordinator.stop(100);
  network.remove();
});

async function connected(): Promise<RawFrames> {
  const socket = rawTls(started.coordinator.ports.sites, network.roots, network.site('north'));
  await once(socket, 'secureConnect');
  return rawFrames(socket);
}

const honestCall = () => calls.call(LIST, encodeListStudiesRequest(undefined), { tries: 1 });

/** By how much the process is larger after this, while an honest site is served. */
async function growthOf(work: () => Promise<void>): Promise<number> {
  await honestCall();
  const before = process.memoryUsage.rss();
  const working = work();
  await honestCall();
  await working;
  await honestCall();
  return process.memoryUsage.rss() - before;
}

describe('an honest site is served', () => {
  it('W14: beside a flood of 200,000 SETTINGS, which costs little', async () => {
    const growth = await growthOf(async () => {
      const line = await connected();
      await line.settings(200_000);
      line.destroy();
    });
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  });

  it('W14: beside 10,000 calls that are reset as soon as they are opened, which cost little', async () => {
    let lines = 0;
    const growth = await growthOf(async () => {
      lines = await rapidResets(connected, { count: 10_000, path: LIST });
    });
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
    // The coordinator ends a connection that does so.
    expect(lines).toBeGreaterThan(1);
  });
});

describe('an upload', () => {
  it(`W12: in ${FRAMES} DATA frames of one byte is taken as any other, and costs little`, {
    timeout: FRAMES_MS,
  }, async () => {
    await calls.call(
      '/consilium.v1.StudyService/Approve',
      encodeApproval(approvalOf(network, 'north', started.hash)),
    );
    const random = seededRandom('frames');
    const content = Uint8Array.from({ length: FRAMES }, () => random.below(256));
    const manifest = {
      studyHash: started.hash,
      site: NORTH,
      round: 1,
      totalBytes: content.length,
      contentHash: sha256(content),
      chunkHashes: [...chunksOf([content])].map(({ data }) => sha256(data)),
      content: { kind: 'evaluation', part: 'test' },
    } as const;
    const request = await calls.sign(UPLOAD, encodeUploadManifest(manifest));
    const messages = [
      framed(encodeUploadRequest({ kind: 'manifest', ...request })),
      ...[...chunksOf([content])].map((chunk) => framed(encodeUploadRequest({ kind: 'chunk', ...chunk }))),
    ];
    const growth = await growthOf(async () => {
      const line = await connected();
      await line.byteByByte(UPLOAD, Buffer.concat(messages));
      line.destroy();
    });
    const { studyHash, site, round, contentHash } = manifest;
    const found = await calls.call(
      FIND,
      encodeUploadProgressRequest({ studyHash, site, round, contentHash }),
    );
    expect(decodeUploadProgress(found).durableBytes).toBe(FRAMES);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  });
});
