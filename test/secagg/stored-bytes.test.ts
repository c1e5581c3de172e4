import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type SecureParticipant, secureParticipant } from '../../client/secagg/secure-participant.ts';
import { type SecureStore, transientSecureStore } from '../../client/secagg/secure-store.ts';
import { fileSecureStore } from '../../client/storage/secure-store.ts';
import { unmaskSum } from '../../server/secagg/unmask.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { generateSigningKey, type SigningKey } from '../../shared/crypto/sign.ts';
import { addInto } from '../../shared/tensor/ring.ts';
import { decodeMaskedManifest } from '../../shared/wire/secure-codec.ts';
import { playParticipants } from '../helpers/participants.ts';
import { CT, sitesOf } from '../helpers/secure-attacks.ts';
import { complete } from '../helpers/secure-session.ts';

const STUDY = sha256('study');
const SITES = sitesOf(3);
const [MORTAL] = SITES as [SiteId];
const KEYS = new Map<SiteId, SigningKey>(SITES.map((site) => [site, generateSigningKey()]));
const keyOf = (site: SiteId) => KEYS.get(site)?.publicKey;
const [ROUND, LENGTH] = [4, 5];
const terms = { clip: 10, registered: 100, base: sha256('base') };
const CONTEXT = {
  studyHash: STUDY,
  round: ROUND,
  attempt: 1,
  purpose: 'train',
  rosterVersion: 1,
  modelHash: sha256('model'),
  blocks: [{ block: CT, length: LENGTH, censusEpoch: 1, kMin: 3, ...terms }],
} as const;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

function participantOf(site: SiteId, store: SecureStore): SecureParticipant {
  const identity = { site, key: KEYS.get(site) ?? generateSigningKey(), keyOf };
  const maxSingletonChurn = async () => 0;
  return secureParticipant({
    identity,
    studyHash: STUDY,
    kMin: 3,
    maxSingletonChurn,
    store,
    random: secureRandom,
  });
}

/** What training came to: every coordinate `value`. */
const keep = (participant: SecureParticipant, value: number) =>
  participant.keep({
    round: ROUND,
    purpose: 'train',
    blocks: new Map([[CT, { vector: new Int32Array(LENGTH).fill(value), ...terms }]]),
  });

class Killed extends Error {}

/** The store, and a process that dies once its masked vectors are on the disk: before it notes how far it came, or after. */
function dyingAfterMasking(
  store: SecureStore,
  at: 'before its session is saved' | 'before it sends',
): SecureStore {
  let isMasked = false;
  return {
    ...store,
    async keepMasked(place, masked) {
      await store.keepMasked(place, masked);
      isMasked = true;
    },
    async saveSession(session, stored) {
      if (isMasked && at === 'before its session is saved') throw new Killed();
      await store.saveSession(session, stored);
      if (isMasked) throw new Killed();
    },
  };
}

describe('a site that dies between storing its masked vector and sending it', () => {
  it.each(['before its session is saved', 'before it sends'] as const)(
    'S14: %s, sends the stored bytes after the restart, though it has trained to other bits',
    async (at) => {
      const folder = await mkdtemp(join(tmpdir(), 'stored-'));
      const key = KEYS.get(MORTAL) ?? generateSigningKey();
      const opened = async () => {
        const store = await fileSecureStore(folder, { study: STUDY, key, random: secureRandom });
        open.push(store);
        return store;
      };
      const store = await opened();
      const sites = new Map(SITES.map((site) => [site, participantOf(site, transientSecureStore())]));
      sites.set(MORTAL, participantOf(MORTAL, dyingAfterMasking(store, at)));
      // 1, 2 and 3: the sum is 6.
      for (const [i, participant] of [...sites.values()].entries()) await keep(participant, i + 1);
      let deaths = 0;
      const uploads = new Map<SiteId, Int32Array>();
      let stored: Int32Array | undefined;
      const state = await playParticipants(CONTEXT, sites, {
        keyOf,
        async ask(site, instruction) {
          const submission = sites.get(site)?.answer(instruction);
          if (site !== MORTAL || instruction.task.kind !== 'mask' || deaths > 0) return submission;
          await expect(submission).rejects.toThrow(Killed);
          deaths += 1;
          stored = (await store.masked(instruction.session))?.get(CT);
          const restarted = participantOf(MORTAL, await opened());
          sites.set(MORTAL, restarted);
          await keep(restarted, 1000);
          return restarted.answer(instruction);
        },
        onTaken({ site, vectors, message }, stage) {
          if (stage !== 'masking') return;
          const vector = vectors.get(CT) ?? new Int32Array(0);
          uploads.set(site, vector);
          const [block] = decodeMaskedManifest(message.body).blocks;
          expect(block?.vector).toBe(sha256(bytesOf(vector)));
        },
      });
      expect(deaths).toBe(1);
      expect(stored).toBeDefined();
      expect(uploads.get(MORTAL)).toEqual(stored);
      const sum = new Int32Array(LENGTH);
      for (const vector of uploads.values()) addInto(sum, vector);
      await unmaskSum(complete(state), CT, sum);
      expect([...sum]).toEqual([6, 6, 6, 6, 6]);
    },
  );
});
