import { readFileSync } from 'node:fs';
import type { ClientHttp2Session } from 'node:http2';
import { dirname, join, normalize, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SignedCalls } from '../../client/rpc/signed-calls.ts';
import { blockId, type ContentHash, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { Membership } from '../../shared/identity/membership.ts';
import { withoutSite } from '../../shared/identity/roster-changes.ts';
import { CHUNK_BYTES, type UploadContent, type UploadManifest } from '../../shared/protocol/transfer.ts';
import { encodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import { decodeReceipt, encodeCommitRequest } from '../../shared/wire/rounds-codec.ts';
import { encodeApproval } from '../../shared/wire/study-codec.ts';
import {
  decodeUploadProgress,
  encodeFetchBlockRequest,
  encodeUploadManifest,
  encodeUploadProgressRequest,
  encodeUploadRequest,
} from '../../shared/wire/transfer-codec.ts';
import { chunksOf, updateContent } from '../../shared/wire/update-content.ts';
import {
  type HospitalNetwork,
  hospitalNetwork,
  SITES,
  SOURCE,
  type StartedStudy,
} from '../helpers/hospital-network.ts';
import { framed, type RawStream, rawCall, rawHttp2, rawStream } from '../helpers/raw-http2.ts';
import { approvalOf, nextRoster, siteCalls, startStudy } from '../helpers/small-network.ts';
import { watchedPool } from '../helpers/watched-pool.ts';

const UPLOAD = '/consilium.v1.RoundsService/UploadUpdate';
const FIND = '/consilium.v1.RoundsService/FindUpload';
const COMMIT = '/consilium.v1.RoundsService/CommitUpdate';
const FETCH = '/consilium.v1.RoundsService/FetchBlock';
const APPROVE = '/consilium.v1.StudyService/Approve';
const NORTH = siteId('north');
const STALL_MS = 1500;
/** Two whole chunks and a half. */
const CONTENT = Uint8Array.from({ length: 2.5 * CHUNK_BYTES }, (_, i) => (i * 31) % 251);

let network: HospitalNetwork;
let membership: Membership;
let started: StartedStudy;
beforeEach(async () => {
  network = await hospitalNetwork();
  membership = await network.membership();
  started = await network.start({ membership, transferStallMs: STALL_MS });
});
afterEach(async () => {
  await started.coordinator.stop(100);
  network.remove();
});

const revoke = (site: string) =>
  membership.accept(nextRoster(network, (roster) => withoutSite(roster, site, 'left')).bytes);

describe('an upload of a site that speaks by hand', () => {
  let calls: SignedCalls;
  let session: ClientHttp2Session;
  beforeEach(async () => {
    const { sites } = started.coordinator.ports;
    calls = await siteCalls(network, 'north', sites);
    session = rawHttp2(sites, network.roots, network.site('north'));
    await calls.call(APPROVE, encodeApproval(approvalOf(network, 'north', started.hash)));
  });
  afterEach(() => {
    session.destroy();
    calls.connection.close();
  });

  function manifestOf(content: Uint8Array, kind: UploadContent): UploadManifest {
    return {
      studyHash: started.hash,
      site: NORTH,
      round: 1,
      totalBytes: content.length,
      contentHash: sha256(content),
      chunkHashes: [...chunksOf([content])].map(({ data }) => sha256(data)),
      content: kind,
    };
  }

  const evaluation = (content = CONTENT) => manifestOf(content, { kind: 'evaluation', part: 'test' });

  async function begin(manifest: UploadManifest): Promise<RawStream> {
    const request = await calls.sign(UPLOAD, encodeUploadManifest(manifest));
    const stream = rawStream(session, UPLOAD);
    stream.write(framed(encodeUploadRequest({ kind: 'manifest', ...request })));
    return stream;
  }

  const chunkAt = (offset: number) => {
    const data = CONTENT.subarray(offset, offset + CHUNK_BYTES);
    return framed(encodeUploadRequest({ kind: 'chunk', offset, data }));
  };

  /** An upload that the coordinator has let in: the proof is that it turns another one away. */
  async function underWay(): Promise<RawStream> {
    const first = await begin(evaluation());
    const second = await begin(evaluation());
    expect((await second.ended).code).toBe('BUSY');
    return first;
  }

  async function durableBytes({ contentHash }: UploadManifest): Promise<number> {
    const asked = { studyHash: started.hash, site: NORTH, round: 1, contentHash };
    return decodeUploadProgress(await calls.call(FIND, encodeUploadProgressRequest(asked))).durableBytes;
  }

  /** Resolves with what is durable once it is this much. */
  async function untilDurable(manifest: UploadManifest, bytes: number): Promise<number> {
    for (;;) {
      const found = await durableBytes(manifest);
      if (found >= bytes) return found;
    }
  }

  it('W16: that is cut in the middle of a chunk goes on behind the last whole one', async () => {
    const manifest = evaluation();
    const first = await begin(manifest);
    first.write(chunkAt(0));
    first.write(chunkAt(CHUNK_BYTES).subarray(0, 5000));
    // The coordinator ends a stream that stays silent, and keeps what is whole.
    expect((await first.ended).code).toBe('TIMED_OUT');
    expect(await untilDurable(manifest, 1)).toBe(CHUNK_BYTES);
    const second = await begin(manifest);
    for (const offset of [CHUNK_BYTES, 2 * CHUNK_BYTES]) second.write(chunkAt(offset));
    second.end();
    expect((await second.ended).status).toBe(0);
    expect(await durableBytes(manifest)).toBe(CONTENT.length);
  });

  it('W16: that the caller resets in the middle of a chunk goes on behind the last whole one', async () => {
    const manifest = evaluation();
    const first = await begin(manifest);
    first.write(chunkAt(0));
    first.write(chunkAt(CHUNK_BYTES));
    first.write(chunkAt(2 * CHUNK_BYTES).subarray(0, 5000));
    const reset = setTimeout(() => first.reset(), STALL_MS / 4);
    await first.ended;
    clearTimeout(reset);
    expect(await untilDurable(manifest, 1)).toBeLessThanOrEqual(2 * CHUNK_BYTES);
  });

  it('R8: with chunks that overlap is refused with the offset that is wanted', async () => {
    const stream = await begin(evaluation());
    stream.write(chunkAt(0));
    stream.write(chunkAt(0));
    const { code, message } = await stream.ended;
    expect(code).toBe('WIRE_INVALID');
    expect(message).toContain(`at ${CHUNK_BYTES}, got`);
  });

  it('A8: ends with the reason when its site is revoked, though it sends nothing', async () => {
    const stream = await underWay();
    await revoke('north');
    expect((await stream.ended).code).toBe('REVOKED');
    await expect(calls.call(FIND, encodeUploadProgressRequest({ ...evaluation() }))).rejects.toMatchObject({
      code: 'REVOKED',
    });
  });

  it('R8: ends with the reason when a newer daemon of the site opens a session', async () => {
    const stream = await underWay();
    const newer = await siteCalls(network, 'north', started.coordinator.ports.sites);
    await newer.call(APPROVE, encodeApproval(approvalOf(network, 'north', started.hash)));
    expect((await stream.ended).code).toBe('FENCED');
    newer.connection.close();
  });

  it('W14: at one byte a time gives its place back', async () => {
    const stream = await begin(evaluation());
    const bytes = chunkAt(0);
    let sent = 0;
    const dripping = setInterval(() => stream.write(bytes.subarray(sent, ++sent)), STALL_MS / 8);
    expect((await stream.ended).code).toBe('TIMED_OUT');
    clearInterval(dripping);
    const honest = await begin(evaluation());
    for (const offset of [0, CHUNK_BYTES, 2 * CHUNK_BYTES]) honest.write(chunkAt(offset));
    honest.end();
    expect((await honest.ended).status).toBe(0);
  });

  it('is turned away while another of the same site is under way', async () => {
    const first = await underWay();
    first.reset();
  });

  it('W17: of what is no update of the study is refused by name', async () => {
    const sizes = started.coordinator.studies.get(started.hash).sizes;
    const [block, values] = [...sizes][0] ?? [];
    if (block === undefined || values === undefined) throw new Error('no block');
    const header = { block, weight: 1, steps: 1, clipped: false, values };
    const refusal = async (blocks: readonly (typeof header)[], totalBytes: number, loss = 0.5) => {
      const manifest = manifestOf(new Uint8Array(totalBytes), { kind: 'update', blocks, loss });
      return (await (await begin(manifest)).ended).message;
    };
    const unknown = { ...header, block: blockId('encoder:genome') };
    expect(await refusal([unknown], 4 * values)).toContain('expected 0 values of encoder:genome');
    expect(await refusal([{ ...header, values: values + 1 }], 4 * values + 4)).toContain(
      `expected ${values} values of ${block}, got ${values + 1}`,
    );
  });

  it('W17: with a loss that is no number is refused by name', async () => {
    const [block, values] = [...started.coordinator.studies.get(started.hash).sizes][0] ?? [];
    if (block === undefined || values === undefined) throw new Error('no block');
    const blocks = [{ block, weight: 1, steps: 1, clipped: false, values }];
    const loss = 0.123456789;
    const manifest = manifestOf(new Uint8Array(4 * values), { kind: 'update', blocks, loss });
    const bytes = Buffer.from(encodeUploadManifest(manifest));
    const number = Buffer.alloc(8);
    number.writeDoubleLE(loss);
    bytes.writeDoubleLE(Number.NaN, bytes.indexOf(number));
    const request = await calls.sign(UPLOAD, bytes);
    const message = framed(encodeUploadRequest({ kind: 'manifest', ...request }));
    expect(await rawCall(session, UPLOAD, [message])).toMatchObject({
      code: 'WIRE_INVALID',
      message: expect.stringContaining('loss'),
    });
  });

  it('is found by its own site in its own study alone', async () => {
    const { sites, people } = started.coordinator.ports;
    const manifest = evaluation();
    const stream = await begin(manifest);
    for (const offset of [0, CHUNK_BYTES, 2 * CHUNK_BYTES]) stream.write(chunkAt(offset));
    stream.end();
    expect((await stream.ended).status).toBe(0);
    const other = await startStudy(network, SOURCE.replace('seed: ', 'seed: 1'), people as number);
    const south = await siteCalls(network, 'south', sites);
    const { contentHash } = manifest;
    const found = async (from: SignedCalls, site: string, studyHash: ContentHash) => {
      const asked = encodeUploadProgressRequest({ studyHash, site: siteId(site), round: 1, contentHash });
      return decodeUploadProgress(await from.call(FIND, asked)).durableBytes;
    };
    await expect(found(south, 'south', started.hash)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    for (const [from, site] of [
      [south, 'south'],
      [calls, 'north'],
    ] as const) {
      for (const hash of [started.hash, other])
        await from.call(APPROVE, encodeApproval(approvalOf(network, site, hash)));
    }
    expect(await found(calls, 'north', started.hash)).toBe(CONTENT.length);
    expect(await found(calls, 'north', other)).toBe(0);
    expect(await found(south, 'south', started.hash)).toBe(0);
    await expect(found(south, 'north', started.hash)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    south.connection.close();
  });

  it('is refused to a caller without an approval', async () => {
    const south = await siteCalls(network, 'south', started.coordinator.ports.sites);
    const line = rawHttp2(started.coordinator.ports.sites, network.roots, network.site('south'));
    const request = await south.sign(
      UPLOAD,
      encodeUploadManifest({ ...evaluation(), site: siteId('south') }),
    );
    const { code } = await rawCall(line, UPLOAD, [
      framed(encodeUploadRequest({ kind: 'manifest', ...request })),
    ]);
    expect(code).toBe('PERMISSION_DENIED');
    line.destroy();
    south.connection.close();
  });

  it('and a download of what the coordinator does not hold ends with a code', async () => {
    const asked = { studyHash: sha256('no study'), blockHash: sha256('no block'), offset: 0 };
    const request = await calls.sign(FETCH, encodeFetchBlockRequest(asked));
    const { code } = await rawCall(session, FETCH, [framed(encodeSignedRequest(request))]);
    expect(code).toBe('UNKNOWN_STUDY');
  });
});

describe('a study', () => {
  it('A8: counts nothing of a site that was revoked before its update arrived, and goes on without it', async () => {
    const pool = watchedPool(network.pool, async (round) => {
      if (round === 2) await revoke('north');
    });
    const others = SITES.filter((site) => site !== 'north').map((site) => started.daemon(site));
    await expect(started.daemon('north', { pool })).rejects.toMatchObject({ code: 'REVOKED' });
    await Promise.all(others);
    const { status, reports } = await started.result();
    expect(status).toEqual({ kind: 'complete' });
    const took = reports.map(({ blocks }) => blocks.some(({ contributors }) => contributors.includes(NORTH)));
    expect(took).toEqual([true, false, false]);
  });

  it('R8: counts an update once that is committed twice, and refuses another in its place', async () => {
    let last: ContentHash | undefined;
    const pool = watchedPool(network.pool, (round, { updates: blocks, loss }) => {
      if (round !== 3) return;
      last = sha256(...updateContent({ site: NORTH, studyHash: started.hash, round, blocks, loss }).parts);
    });
    await Promise.all(SITES.map((site) => started.daemon(site, site === 'north' ? { pool } : {})));
    const calls = await siteCalls(network, 'north', started.coordinator.ports.sites);
    const commit = (contentHash: ContentHash) =>
      calls.call(
        COMMIT,
        encodeCommitRequest({ studyHash: started.hash, site: NORTH, round: 3, contentHash }),
      );
    expect(decodeReceipt(await commit(last as ContentHash)).kind).toBe('duplicate');
    await expect(commit(sha256('another'))).rejects.toMatchObject({ code: 'EQUIVOCATION' });
    expect(network.audited.at(-1)).toMatchObject({ data: { code: 'EQUIVOCATION', sender: 'north' } });
    calls.connection.close();
  });

  it('R8: answers the same after a restart of the coordinator, and refuses another update as before', async () => {
    let last: ContentHash | undefined;
    const pool = watchedPool(network.pool, (round, { updates: blocks, loss }) => {
      if (round !== 3) return;
      last = sha256(...updateContent({ site: NORTH, studyHash: started.hash, round, blocks, loss }).parts);
    });
    await Promise.all(SITES.map((site) => started.daemon(site, site === 'north' ? { pool } : {})));
    await started.coordinator.stop(1000);
    const coordinator = await network.startCoordinator({ membership });
    started = { ...started, coordinator };
    const calls = await siteCalls(network, 'north', coordinator.ports.sites);
    const commit = (contentHash: ContentHash) =>
      calls.call(
        COMMIT,
        encodeCommitRequest({ studyHash: started.hash, site: NORTH, round: 3, contentHash }),
      );
    expect(decodeReceipt(await commit(last as ContentHash)).kind).toBe('duplicate');
    await expect(commit(sha256('another'))).rejects.toMatchObject({ code: 'EQUIVOCATION' });
    expect(network.audited.at(-1)).toMatchObject({ data: { code: 'EQUIVOCATION', sender: 'north' } });
    calls.connection.close();
  });

  it('R8: ends the older of two daemons with one identity, and completes with the newer', async () => {
    const newer = new Promise<void>((resolve, reject) => {
      const pool = watchedPool(network.pool, (round) => {
        if (round !== 1) return;
        // The same identity in another folder: the lease of the folder cannot keep it from starting.
        const folder = network.copyOf('north');
        started.daemon('north', { changes: { folder } }).then(() => resolve(), reject);
      });
      const older = started.daemon('north', { pool });
      expect(older).rejects.toMatchObject({ code: 'FENCED' }).catch(reject);
    });
    const others = SITES.filter((site) => site !== 'north').map((site) => started.daemon(site));
    await Promise.all([newer, ...others]);
    expect((await started.result()).status).toEqual({ kind: 'complete' });
  });

  it('R13: ends with the same bits where a daemon is stopped when its update leaves, and started again', async () => {
    const stop = new AbortController();
    const pool = watchedPool(network.pool, (round) => {
      if (round === 2) setTimeout(() => stop.abort(), 5);
    });
    const others = SITES.filter((site) => site !== 'north').map((site) => started.daemon(site));
    await expect(started.daemon('north', { pool, signal: stop.signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    await Promise.all([started.daemon('north'), ...others]);
    const { status, modelHash } = await started.result();
    expect({ status, modelHash }).toEqual({
      status: { kind: 'complete' },
      modelHash: await network.simulated(),
    });
  });
});

describe('a model file', () => {
  it('W18: is read by no code that a daemon reaches: neither app imports a loader', () => {
    const root = join(import.meta.dirname, '..', '..');
    for (const app of ['client/app.ts', 'server/app.ts']) {
      const reached = reachedFrom(root, join(root, app));
      expect(reached.size).toBeGreaterThan(50);
      const loaders = [...reached].filter(([, text]) =>
        /loadLayersModel|loadGraphModel|tf\.io\.|(?<!function )\breadBundle\w*|from 'node:vm'|\beval\(/.test(
          text,
        ),
      );
      expect(loaders.map(([path]) => relative(root, path))).toEqual([]);
    }
  });
});

/** The sources that a file imports, itself included, by path. */
function reachedFrom(root: string, entry: string): ReadonlyMap<string, string> {
  const reached = new Map<string, string>();
  const next = [entry];
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (reached.has(path) || !path.startsWith(root)) continue;
    const text = readFileSync(path, 'utf8');
    reached.set(path, text);
    for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g))
      next.push(normalize(join(dirname(path), target as string)));
  }
  return reached;
}
