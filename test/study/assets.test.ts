import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../shared/crypto/hash.ts';
import { folderAssets, noAssets } from '../../shared/study/assets.ts';

const folder = mkdtempSync(join(tmpdir(), 'assets-'));
afterAll(() => rmSync(folder, { recursive: true }));

const content = Uint8Array.of(1, 2, 3);
mkdirSync(join(folder, 'models'));
writeFileSync(join(folder, 'models', 'w.bin'), content);

describe('folderAssets', () => {
  const read = folderAssets(folder);

  it('hands out the file that the study names', async () => {
    const asset = { file: 'models/w.bin', sha256: sha256(content) };
    expect(Uint8Array.from(await read(asset))).toEqual(content);
  });

  it('refuses one with another hash, and shows both', async () => {
    await expect(read({ file: 'models/w.bin', sha256: 'a'.repeat(64) })).rejects.toMatchObject({
      code: 'ASSET_MISMATCH',
      message: `models/w.bin: expected SHA-256 ${'a'.repeat(64)}, got ${sha256(content)}`,
      hint: expect.stringContaining('change sha256 in the study file'),
    });
  });

  it('says what is there instead of a file', async () => {
    const at = (file: string) => read({ file, sha256: sha256(content) });
    await expect(at('absent')).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: 'absent: expected a file beside the study file, got nothing of that name',
    });
    await expect(at('models')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});

describe('noAssets', () => {
  it('has no file', async () => {
    await expect(noAssets({ file: 'w', sha256: '' })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});
