import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeFolder, writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { blockId, contentHash } from '../../shared/core/ids.ts';
import type { ChainHead, ChainStore } from '../chain/chain-store.ts';
import type { BlockCache } from './block-cache.ts';

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform(contentHash);
const block = z.string().transform(blockId);
const count = z.int().min(0);
const schema = z.strictObject({
  format: z.literal(1),
  round: count,
  blocks: z.array(z.tuple([block, hash])),
  optimizer: z.array(z.tuple([block, z.strictObject({ step: count, moments: z.array(hash) })])),
  models: z.array(z.tuple([count, hash])),
  rarity: z.array(z.tuple([block, z.number()])),
});

/**
 * The head as one file of JSON; arrays where all of the site's blocks are, of which the least recently used may be
 * deleted.
 * @throws ConsiliumError `STATE_CORRUPT`, of `head`.
 */
export function fileChainStore(path: string, arrays: BlockCache): ChainStore {
  return {
    head: () => readHead(path),
    async keep(head, computed) {
      for (const [name, values] of computed) await arrays.put(name, values);
      const { round, blocks, optimizer, models, rarity } = head;
      const document = {
        format: 1,
        round,
        blocks: [...blocks],
        optimizer: [...optimizer],
        models: [...models],
        rarity: [...rarity],
      };
      await makeFolder(dirname(path), { mode: 0o700 });
      await writeAtomically(path, `${JSON.stringify(document)}\n`, { mode: 0o600 });
    },
    find: (name) => arrays.find(name),
  };
}

/** The site then takes the study's models up from the coordinator's records, as if it had just joined. */
export async function forgetChain(path: string): Promise<void> {
  await rm(path, { force: true });
}

async function readHead(path: string): Promise<ChainHead | undefined> {
  try {
    const { format: _, ...head } = schema.parse(JSON.parse(await readFile(path, 'utf8')));
    return {
      round: head.round,
      blocks: new Map(head.blocks),
      optimizer: new Map(head.optimizer),
      models: new Map(head.models),
      rarity: new Map(head.rarity),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ConsiliumError(
      'STATE_CORRUPT',
      `${path}: expected how far the site followed a study's models`,
      {
        cause: error,
        hint: 'Restore the file from a backup.',
      },
    );
  }
}
