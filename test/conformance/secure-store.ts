import { describe, expect, it } from 'vitest';
import type { SecurePlace, SecureStore } from '../../client/secagg/secure-store.ts';
import { encoderBlock, JOINT_BLOCK, modalityId, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';

const CT = encoderBlock(modalityId('ct'));
const [ONE, OTHER] = [sha256('one'), sha256('other')];
const FOUR = ['east', 'north', 'south', 'west'].map(siteId);
const THREE = FOUR.slice(1);
const TRAIN: SecurePlace = { round: 2, purpose: 'train' };
const terms = { clip: 10, registered: 7, base: ONE };

export function preparedFor(place: SecurePlace) {
  return {
    ...place,
    blocks: new Map([
      [CT, { ...terms, vector: Int32Array.of(1, -2, 2 ** 31 - 1) }],
      [JOINT_BLOCK, { ...terms, clip: 0.1, vector: Int32Array.of(-(2 ** 31)) }],
    ]),
  };
}

const vectors = new Map([[CT, Int32Array.of(5, -6)]]);

/** What every store of a site's secure sessions must do. `open` gives an empty one each time. */
export function secureStoreConformance(name: string, open: () => Promise<SecureStore>): void {
  describe(`${name} as a secure store`, () => {
    it('gives back what was prepared, bit for bit, and only for its round and purpose', async () => {
      const store = await open();
      await store.keep(preparedFor(TRAIN));
      expect(await store.prepared(TRAIN)).toEqual(preparedFor(TRAIN));
      expect(await store.prepared({ round: 2, purpose: 'evaluate' })).toBeUndefined();
      expect(await store.prepared({ round: 3, purpose: 'train' })).toBeUndefined();
    });

    it('remembers every grant and every masking by round and purpose, also once the study is over', async () => {
      const store = await open();
      await store.grant(TRAIN, [{ block: CT, survivors: ONE, sites: THREE }]);
      await store.grant(TRAIN, [{ block: JOINT_BLOCK, survivors: OTHER, sites: FOUR }]);
      await store.keepMasked(TRAIN, { session: ONE, transcript: OTHER, vectors });
      await store.keep(preparedFor({ round: 9, purpose: 'train' }));
      await store.forget();
      expect(await store.grants(TRAIN)).toEqual(
        new Map([
          [CT, ONE],
          [JOINT_BLOCK, OTHER],
        ]),
      );
      expect(await store.maskedFor(TRAIN)).toEqual(new Map([[CT, OTHER]]));
      expect(await store.signedSurvivors('train')).toEqual(
        new Map([
          [
            2,
            new Map([
              [CT, THREE],
              [JOINT_BLOCK, FOUR],
            ]),
          ],
        ]),
      );
      expect((await store.signedSurvivors('evaluate')).size).toBe(0);
      expect((await store.grants({ round: 2, purpose: 'evaluate' })).size).toBe(0);
      expect((await store.maskedFor({ round: 1, purpose: 'train' })).size).toBe(0);
    });

    it('gives back masked vectors as they were kept, until the next round is prepared', async () => {
      const store = await open();
      await store.keepMasked(TRAIN, { session: ONE, transcript: OTHER, vectors });
      expect(await store.masked(ONE)).toEqual(vectors);
      expect(await store.masked(OTHER)).toBeUndefined();
      await store.keep(preparedFor({ round: 3, purpose: 'train' }));
      expect(await store.masked(ONE)).toBeUndefined();
    });

    it('remembers that a session was left, until the next round is prepared', async () => {
      const store = await open();
      await store.saveSession(ONE, 'left');
      expect(await store.session(ONE)).toBe('left');
      await store.keep(preparedFor({ round: 3, purpose: 'train' }));
      expect(await store.session(ONE)).toBeUndefined();
    });

    it('forgets nothing of a round where an earlier one is prepared again, or the same', async () => {
      const store = await open();
      await store.keep(preparedFor(TRAIN));
      await store.saveSession(ONE, 'left');
      await store.keep(preparedFor({ round: 0, purpose: 'census' }));
      await store.keep(preparedFor(TRAIN));
      expect(await store.session(ONE)).toBe('left');
      expect(await store.prepared(TRAIN)).toEqual(preparedFor(TRAIN));
    });

    it('forgets what was prepared once the study is over', async () => {
      const store = await open();
      await store.keep(preparedFor(TRAIN));
      await store.forget();
      expect(await store.prepared(TRAIN)).toBeUndefined();
    });
  });
}
