import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BlobStore } from '../../server/storage/ports.ts';
import { sha256 } from '../../shared/crypto/hash.ts';

/** What every blob store must do. `open` gives an empty one each time. */
export function blobStoreConformance(name: string, open: () => Promise<BlobStore>): void {
  const bytes = (...values: number[]) => Uint8Array.from(values);

  describe(`${name} as a blob store`, () => {
    it('keeps bytes under their SHA-256', async () => {
      const store = await open();
      const hash = await store.put(bytes(1, 2, 3));
      expect(hash).toBe(sha256(bytes(1, 2, 3)));
      expect([...(await store.get(hash))]).toEqual([1, 2, 3]);
      expect(await store.has(hash)).toBe(true);
    });

    it('takes the same bytes twice, and none at all', async () => {
      const store = await open();
      expect(await store.put(bytes(4))).toBe(await store.put(bytes(4)));
      expect(await store.get(await store.put(bytes()))).toHaveLength(0);
    });

    it('takes a file over, also one that it has already', async () => {
      const store = await open();
      const folder = await mkdtemp(join(tmpdir(), 'consilium-taken-'));
      const path = join(folder, 'content');
      const hash = sha256(bytes(5, 6));
      for (const _ of ['once', 'twice']) {
        await writeFile(path, bytes(5, 6));
        await store.takeOver({ path, hash });
        expect([...(await store.get(hash))]).toEqual([5, 6]);
        expect(existsSync(path)).toBe(false);
      }
    });

    it('stores a view, not the buffer behind it', async () => {
      const store = await open();
      const hash = await store.put(bytes(9, 1, 2, 9).subarray(1, 3));
      expect([...(await store.get(hash))]).toEqual([1, 2]);
    });

    it('gives words a start at a multiple of four', async () => {
      const store = await open();
      for (const length of [4, 8, 12, 4096]) {
        const hash = await store.put(new Uint8Array(length).fill(length));
        expect((await store.get(hash)).byteOffset % 4).toBe(0);
      }
    });

    it('names what is missing', async () => {
      const store = await open();
      const hash = sha256('nothing');
      expect(await store.has(hash)).toBe(false);
      await expect(store.get(hash)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
    });

    it('deletes what nobody names any more', async () => {
      const store = await open();
      const [kept, gone] = [await store.put(bytes(1)), await store.put(bytes(2))];
      await store.retainOnly(new Set([kept]));
      expect([await store.has(kept), await store.has(gone)]).toEqual([true, false]);
      await store.put(bytes(2));
      expect(await store.has(gone)).toBe(true);
    });
  });
}
