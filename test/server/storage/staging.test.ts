import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Receiving, type Staging, staging } from '../../../server/storage/staging.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { CHUNK_BYTES, type UploadManifest } from '../../../shared/protocol/transfer.ts';
import { chunksOf } from '../../../shared/wire/update-content.ts';

const INVALID = { code: 'WIRE_INVALID' };
/** Two whole chunks and a half. */
const CONTENT = Uint8Array.from({ length: 2.5 * CHUNK_BYTES }, (_, i) => (i * 31) % 251);

let folder: string;
let stage: Staging;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'consilium-staging-'));
  stage = await staging(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function manifestOf(content: Uint8Array, site = 'north', round = 1): UploadManifest {
  return {
    studyHash: sha256('study'),
    site: siteId(site),
    round,
    totalBytes: content.length,
    contentHash: sha256(content),
    chunkHashes: [...chunksOf([content])].map(({ data }) => sha256(data)),
    content: { kind: 'evaluation', part: 'test' },
  };
}

/** Adds chunks until so many were added. */
async function add(receiving: Receiving, content: Uint8Array, chunks = Infinity): Promise<void> {
  let left = chunks;
  for (const chunk of chunksOf([content], receiving.offset)) if (left-- > 0) await receiving.add(chunk);
}

async function uploaded(content: Uint8Array, site = 'north', chunks = Infinity): Promise<UploadManifest> {
  const manifest = manifestOf(content, site);
  const receiving = await stage.receive(manifest);
  await add(receiving, content, chunks);
  await receiving.close();
  return manifest;
}

/** The file that holds the bytes of an upload. */
function partFile(): string {
  const [name] = readdirSync(folder).filter((each) => each.endsWith('.part'));
  return join(folder, name as string);
}

describe('staging', () => {
  it('gives back what was uploaded', async () => {
    const manifest = await uploaded(CONTENT);
    const taken = await stage.take(manifest);
    expect(taken.manifest).toEqual(manifest);
    expect(Buffer.compare(taken.content, CONTENT)).toBe(0);
  });

  it('knows nothing of what was never seen', async () => {
    expect(await stage.durableBytes(manifestOf(CONTENT))).toBe(0);
    await expect(stage.take(manifestOf(CONTENT))).rejects.toMatchObject(INVALID);
  });

  it('W16: goes on behind the last whole chunk', async () => {
    const manifest = await uploaded(CONTENT, 'north', 2);
    expect(await stage.durableBytes(manifest)).toBe(2 * CHUNK_BYTES);
    const receiving = await stage.receive(manifest);
    expect(receiving.offset).toBe(2 * CHUNK_BYTES);
    await add(receiving, CONTENT);
    expect(await receiving.close()).toBe(2.5 * CHUNK_BYTES);
    expect(Buffer.compare((await stage.take(manifest)).content, CONTENT)).toBe(0);
  });

  it('goes on behind the last whole chunk after a restart of the coordinator', async () => {
    const manifest = await uploaded(CONTENT, 'north', 2);
    stage = await staging(folder);
    expect((await stage.receive(manifest)).offset).toBe(2 * CHUNK_BYTES);
  });

  it('believes no more of a file that a crash has torn than the chunks before the tear', async () => {
    const manifest = await uploaded(CONTENT);
    truncateSync(partFile(), 1.75 * CHUNK_BYTES);
    stage = await staging(folder);
    expect(await stage.durableBytes(manifest)).toBe(CHUNK_BYTES);
    await expect(stage.take(manifest)).rejects.toMatchObject(INVALID);
  });

  it('believes no chunk behind one that a crash has left as zeros', async () => {
    const manifest = await uploaded(CONTENT);
    const torn = CONTENT.slice();
    torn.fill(0, CHUNK_BYTES, 2 * CHUNK_BYTES);
    writeFileSync(partFile(), torn);
    stage = await staging(folder);
    expect(await stage.durableBytes(manifest)).toBe(CHUNK_BYTES);
  });

  it('R8: refuses a chunk at another offset than the one wanted, and takes the right one then', async () => {
    const manifest = manifestOf(CONTENT);
    const receiving = await stage.receive(manifest);
    const [first, second] = [...chunksOf([CONTENT])];
    if (first === undefined || second === undefined) throw new Error('two chunks');
    await expect(receiving.add(second)).rejects.toThrow(`expected ${CHUNK_BYTES} bytes at 0`);
    await receiving.add(first);
    await expect(receiving.add(first)).rejects.toThrow(`at ${CHUNK_BYTES}, got`);
    await receiving.add(second);
    expect(await receiving.close()).toBe(2 * CHUNK_BYTES);
  });

  it('refuses a chunk that is not what its hash says, one that is short, and one behind the end', async () => {
    const manifest = manifestOf(CONTENT);
    const receiving = await stage.receive(manifest);
    const wrong = CONTENT.slice(0, CHUNK_BYTES);
    wrong[5] = 255;
    await expect(receiving.add({ offset: 0, data: wrong })).rejects.toThrow('not what its hash says');
    await expect(receiving.add({ offset: 0, data: CONTENT.subarray(0, 9) })).rejects.toMatchObject(INVALID);
    await add(receiving, CONTENT);
    const behind = { offset: CONTENT.length, data: new Uint8Array() };
    await expect(receiving.add(behind)).rejects.toMatchObject(INVALID);
    await receiving.close();
  });

  it('refuses content whose chunks hold and whose hash does not', async () => {
    const manifest = { ...manifestOf(CONTENT), contentHash: sha256('something else') };
    const receiving = await stage.receive(manifest);
    await add(receiving, CONTENT);
    await receiving.close();
    await expect(stage.take(manifest)).rejects.toThrow('not what its hash says');
  });

  it('drops an upload once the same site begins another, and leaves those of other sites', async () => {
    const first = await uploaded(CONTENT, 'north');
    // The name of one site begins with that of the other.
    const other = await uploaded(CONTENT, 'north-east');
    await uploaded(CONTENT.subarray(0, 100), 'north');
    expect(await stage.durableBytes(first)).toBe(0);
    expect(await stage.durableBytes(other)).toBe(CONTENT.length);
  });

  it('leaves nothing of an upload on the disk that was dropped', async () => {
    await stage.drop(await uploaded(CONTENT));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('gives the file of an upload away, and knows nothing of it then, also where that failed', async () => {
    for (const fails of [false, true]) {
      const manifest = await uploaded(CONTENT);
      const given = stage.handOver(manifest, async (path) => {
        expect(readFileSync(path).equals(CONTENT)).toBe(true);
        if (fails) throw new Error('no room');
      });
      await (fails ? expect(given).rejects.toThrow('no room') : given);
      expect(await stage.durableBytes(manifest)).toBe(0);
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('takes empty content', async () => {
    const manifest = await uploaded(new Uint8Array());
    expect((await stage.take(manifest)).content).toHaveLength(0);
  });

  it('begins anew where the manifest of the content is another than before', async () => {
    const manifest = await uploaded(CONTENT, 'north', 1);
    const changed = { ...manifest, content: { kind: 'evaluation', part: 'validation' } } as const;
    const receiving = await stage.receive(changed);
    await add(receiving, CONTENT);
    await receiving.close();
    expect((await stage.take(changed)).manifest.content).toEqual(changed.content);
  });
});
