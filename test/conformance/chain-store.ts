import { describe, expect, it } from 'vitest';
import type { ChainHead, ChainStore } from '../../client/chain/chain-store.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { JOINT_BLOCK } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';

const WEIGHTS = Float32Array.of(1, 2, 3);
const MOMENT = Float32Array.of(4, 5, 6);
const [WEIGHTS_HASH, MOMENT_HASH] = [sha256(bytesOf(WEIGHTS)), sha256(bytesOf(MOMENT))];

const HEAD: ChainHead = {
  round: 4,
  blocks: new Map([[JOINT_BLOCK, WEIGHTS_HASH]]),
  optimizer: new Map([[JOINT_BLOCK, { step: 3, moments: [MOMENT_HASH] }]]),
  models: new Map([[4, sha256('model')]]),
  rarity: new Map([[JOINT_BLOCK, 0.1 + 0.2]]),
};

/** What every chain store must do. `open` gives the same one again for the same place. */
export function chainStoreConformance(name: string, place: () => { open(): ChainStore }): void {
  describe(`${name} as a chain store`, () => {
    it('has no head before one was kept', async () => {
      expect(await place().open().head()).toBeUndefined();
    });

    it('gives back the last head, bit for bit', async () => {
      const here = place();
      await here.open().keep({ ...HEAD, round: 3 }, new Map());
      await here.open().keep(HEAD, new Map());
      expect(await here.open().head()).toEqual(HEAD);
    });

    it('finds arrays that a head names, by their hash', async () => {
      const here = place();
      const arrays = new Map([
        [WEIGHTS_HASH, WEIGHTS],
        [MOMENT_HASH, MOMENT],
      ]);
      await here.open().keep(HEAD, arrays);
      await here.open().keep(HEAD, new Map());
      expect(await here.open().find(WEIGHTS_HASH)).toEqual(WEIGHTS);
      expect(await here.open().find(MOMENT_HASH)).toEqual(MOMENT);
      expect(await here.open().find(sha256('another'))).toBeUndefined();
    });
  });
}
