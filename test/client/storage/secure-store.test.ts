import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { transientSecureStore } from '../../../client/secagg/secure-store.ts';
import { drawSecrets } from '../../../client/secagg/session-secrets.ts';
import { replayed, type StoredSession } from '../../../client/secagg/stored-session.ts';
import { type FileSecureStore, fileSecureStore } from '../../../client/storage/secure-store.ts';
import { bytesOf } from '../../../shared/core/bytes.ts';
import { JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { secureRandom } from '../../../shared/crypto/random.ts';
import { generateSigningKey, type SigningKey } from '../../../shared/crypto/sign.ts';
import { preparedFor, secureStoreConformance } from '../../conformance/secure-store.ts';

const STUDY = sha256('study');
const TRAIN = { round: 1, purpose: 'train' } as const;
const SITES = ['east', 'north', 'west'].map(siteId);
const key = generateSigningKey();

const folder = () => mkdtemp(join(tmpdir(), 'secure-store-'));
const stores: FileSecureStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function opened(path: string, own: SigningKey = key): Promise<FileSecureStore> {
  const store = await fileSecureStore(path, { study: STUDY, key: own, random: secureRandom });
  stores.push(store);
  return store;
}

secureStoreConformance('the transient store', async () => transientSecureStore());
secureStoreConformance('the store on disk', async () => opened(await folder()));

/** A site that has advertised one block. */
function advertisedSession(): StoredSession {
  const block = { length: 5, clip: 1, registered: 3, censusEpoch: 1, kMin: 3, base: sha256('base') };
  return {
    context: {
      studyHash: STUDY,
      ...TRAIN,
      attempt: 1,
      rosterVersion: 1,
      modelHash: sha256('model'),
      blocks: [{ block: JOINT_BLOCK, ...block }],
    },
    held: new Map([[JOINT_BLOCK, { kMin: 3 }]]),
    secrets: drawSecrets([JOINT_BLOCK], secureRandom),
    shared: undefined,
    keys: new Map(),
    tasks: [],
    vectors: new Map(),
    isAcknowledged: false,
  };
}

describe('the secure store on disk', () => {
  it('has grants, prepared vectors and sessions after it was opened anew', async () => {
    const path = await folder();
    const first = await opened(path);
    const session = advertisedSession();
    await first.keep(preparedFor(TRAIN));
    await first.grant(TRAIN, [{ block: JOINT_BLOCK, survivors: STUDY, sites: SITES }]);
    await first.saveSession(STUDY, session);
    const second = await opened(path);
    expect(await second.grants(TRAIN)).toEqual(new Map([[JOINT_BLOCK, STUDY]]));
    expect(await second.signedSurvivors('train')).toEqual(new Map([[1, new Map([[JOINT_BLOCK, SITES]])]]));
    expect(await second.prepared(TRAIN)).toEqual(preparedFor(TRAIN));
    const found = (await second.session(STUDY)) as StoredSession;
    const identity = { site: siteId('west'), key, keyOf: () => key.publicKey };
    // The same keys were advertised under the same signature.
    expect(replayed(found, identity)).toMatchObject({ message: messageOf(replayed(session, identity)) });
  });

  it('has no prepared vector and no secret of a session in the clear on the disk', async () => {
    const path = await folder();
    const store = await opened(path);
    const session = advertisedSession();
    await store.keep(preparedFor(TRAIN));
    await store.saveSession(STUDY, session);
    const all = await everythingIn(path);
    const vectors = [...preparedFor(TRAIN).blocks.values()].map(({ vector }) => Buffer.from(bytesOf(vector)));
    const seeds = [...session.secrets.blocks.values()].flatMap(({ seed, mask }) => [seed, mask.secret()]);
    for (const secret of [...vectors, ...seeds, session.secrets.box.secret()].map((each) =>
      Buffer.from(each),
    )) {
      expect(all.includes(secret)).toBe(false);
      expect(all.includes(secret.toString('base64'))).toBe(false);
      expect(all.includes(secret.toString('hex'))).toBe(false);
    }
  });

  it('refuses grants of which a line was changed, and one was taken out', async () => {
    const path = await folder();
    const store = await opened(path);
    for (const block of [1, 2, 3]) {
      await store.grant({ round: block, purpose: 'train' }, [
        { block: JOINT_BLOCK, survivors: STUDY, sites: SITES },
      ]);
    }
    const file = join(path, 'grants.jsonl');
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, [lines[0], lines[2], ''].join('\n'));
    await expect(opened(path)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
    await writeFile(file, [lines[0]?.replace(STUDY, sha256('another')), ...lines.slice(1)].join('\n'));
    await expect(opened(path)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });

  it('refuses what was sealed, and masked vectors, with one bit turned', async () => {
    const path = await folder();
    const store = await opened(path);
    await store.keep(preparedFor(TRAIN));
    await store.keepMasked(TRAIN, {
      session: STUDY,
      transcript: STUDY,
      vectors: new Map([[JOINT_BLOCK, Int32Array.of(1)]]),
    });
    for (const name of ['prepared', 'masked']) {
      const [file = ''] = await readdir(join(path, name));
      const bytes = await readFile(join(path, name, file));
      bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
      await writeFile(join(path, name, file), bytes);
    }
    await expect(store.prepared(TRAIN)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
    await expect(store.masked(STUDY)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });

  it('takes what another identity key sealed for missing', async () => {
    const path = await folder();
    const store = await opened(path);
    await store.keep(preparedFor(TRAIN));
    expect(await (await opened(path, generateSigningKey())).prepared(TRAIN)).toBeUndefined();
  });

  it('finds what was said to be ready for the very instruction that it was trained from', async () => {
    const { notices, keep } = await opened(await folder());
    await keep(preparedFor(TRAIN));
    const notice = { site: siteId('west'), studyHash: STUDY, ...TRAIN, blocks: [JOINT_BLOCK] };
    await notices.put(notice);
    const own = [...preparedFor(TRAIN).blocks];
    const instruction = {
      kind: 'train' as const,
      round: 1,
      blocks: new Map(own.map(([block, { base }]) => [block, base])),
      solo: new Map(),
      weights: new Map(),
      clips: new Map(own.map(([block, { clip }]) => [block, clip])),
      census: {
        normalization: { features: new Map() },
        classWeights: [],
        registeredWeights: new Map(),
        rarity: new Map(),
      },
    };
    expect(await notices.find(instruction)).toEqual(notice);
    const another = new Map(instruction.blocks).set(JOINT_BLOCK, sha256('another'));
    expect(await notices.find({ ...instruction, blocks: another })).toBeUndefined();
    await notices.remove(notice);
    expect(await notices.find(instruction)).toBeUndefined();
  });
});

function messageOf(state: ReturnType<typeof replayed>) {
  return state.stage === 'masking' ? undefined : state.message;
}

async function everythingIn(path: string): Promise<Buffer> {
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  return Buffer.concat(
    await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name)))),
  );
}
