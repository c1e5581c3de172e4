import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { transientChainStore } from '../../../client/chain/chain-store.ts';
import { fileBlockCache } from '../../../client/storage/block-cache.ts';
import { fileChainStore, forgetChain } from '../../../client/storage/chain-file.ts';
import { systemClock } from '../../../shared/core/clock.ts';
import { chainStoreConformance } from '../../conformance/chain-store.ts';

function filePlace() {
  const folder = mkdtempSync(join(tmpdir(), 'chain-'));
  const path = join(folder, 'study', 'chain.json');
  const blocks = fileBlockCache(join(folder, 'blocks'), { maxBytes: 2 ** 20, clock: systemClock });
  return { path, open: () => fileChainStore(path, blocks) };
}

chainStoreConformance('memory', () => {
  const store = transientChainStore();
  return { open: () => store };
});
chainStoreConformance('a file', filePlace);

describe('a chain file', () => {
  it('that is damaged is refused, and is not there once it is forgotten', async () => {
    const { path, open } = filePlace();
    const [round, empty] = [1, new Map()];
    await open().keep({ round, blocks: empty, optimizer: empty, models: empty, rarity: empty }, empty);
    writeFileSync(path, '{"format":1}\n');
    await expect(open().head()).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
    await forgetChain(path);
    expect(await open().head()).toBeUndefined();
  });
});
