import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type SecureParticipant, secureParticipant } from '../../client/secagg/secure-participant.ts';
import { type SecureStore, transientSecureStore } from '../../client/secagg/secure-store.ts';
import { fileSecureStore } from '../../client/storage/secure-store.ts';
import { medianSum } from '../../server/aggregation/median-sum.ts';
import type { CoordinatorSession } from '../../server/secagg/session.ts';
import { unmaskSum } from '../../server/secagg/unmask.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import type { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import type { SecureSubmission } from '../../shared/protocol/messages.ts';
import type { EarlierSum, SecureContext } from '../../shared/protocol/secure-session.ts';
import { HEADER, packUpdate, unpackSum } from '../../shared/secagg/vector.ts';
import { addInto } from '../../shared/tensor/ring.ts';
import { type ParticipantPlay, playParticipants } from '../helpers/participants.ts';
import { CT, sitesOf } from '../helpers/secure-attacks.ts';
import { complete, STAGES, survivorsIn } from '../helpers/secure-session.ts';

const STUDY = sha256('study');
// Seven sites, t = 5; the median of three means needs five survivors.
const SITES = sitesOf(7);
const [FIRST, LAST] = [SITES[0], SITES[6]] as [SiteId, SiteId];
const KEYS = new Map(SITES.map((site) => [site, generateSigningKey()]));
const keyOf = (site: SiteId) => KEYS.get(site)?.publicKey;
const SPEC = { kind: 'geometric-median', iterations: 3, smoothing: 0.01 } as const;
const SIZE = 3;
const SHARE = 2 ** 28;
const TERMS = { clip: 10, registered: 100, base: sha256('base') };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

interface Hospital {
  readonly participant: SecureParticipant;
  readonly refusals: ConsiliumError[];
}

/** What the coordinator shows as sums, by hash. */
const published = new Map<ContentHash, Int32Array>();
const port = { fetchSum: async (hash: ContentHash) => published.get(hash) ?? new Int32Array(0) };

function hospital(site: SiteId, store: SecureStore = transientSecureStore()): Hospital {
  const refusals: ConsiliumError[] = [];
  const participant = secureParticipant({
    identity: { site, key: KEYS.get(site) ?? generateSigningKey(), keyOf },
    studyHash: STUDY,
    kMin: 3,
    median: { spec: SPEC, port },
    maxSingletonChurn: async () => 0,
    store,
    random: secureRandom,
    onRefusal: (_session, error) => refusals.push(error),
  });
  return { participant, refusals };
}

/** Site i is at (i, -i, 0) thousandths of the clip, and the last one at the clip. */
const updateOf = (i: number) => ({
  block: CT,
  weight: SHARE,
  steps: 0,
  clipped: i === 6,
  vector: Int32Array.of(...(i === 6 ? [0, 0, SHARE] : [(SHARE / 1000) * i, (-SHARE / 1000) * i, 0])),
});
const contributions = SITES.map((site, i) => ({ ...updateOf(i), site, share: SHARE }));

async function hospitals(stores: ReadonlyMap<SiteId, SecureStore> = new Map()) {
  const all = new Map(SITES.map((site) => [site, hospital(site, stores.get(site))]));
  for (const [i, { participant }] of [...all.values()].entries()) {
    const vector = packUpdate(updateOf(i), 0.5);
    await participant.keep({ round: 1, purpose: 'train', blocks: new Map([[CT, { vector, ...TERMS }]]) });
  }
  return all;
}

function contextOf(iteration: number, earlier: EarlierSum | undefined, attempt = 1): SecureContext {
  const terms = { ...TERMS, length: HEADER + SIZE, censusEpoch: 1, kMin: 3 };
  return {
    studyHash: STUDY,
    round: 1,
    attempt: 10 * iteration + attempt,
    purpose: 'train',
    ...(iteration > 0 && { iteration }),
    rosterVersion: 1,
    modelHash: sha256('model'),
    blocks: [{ block: CT, ...terms, ...(earlier && { earlier }) }],
  };
}

interface Played {
  readonly state: CoordinatorSession;
  readonly uploads: ReadonlyMap<SiteId, SecureSubmission>;
}

async function play(
  context: SecureContext,
  sites: ReadonlyMap<SiteId, Hospital>,
  options: Partial<ParticipantPlay> = {},
): Promise<Played> {
  const uploads = new Map<SiteId, SecureSubmission>();
  const participants = new Map([...sites].map(([site, { participant }]) => [site, participant]));
  const state = await playParticipants(context, participants, {
    keyOf,
    onTaken(submission, stage) {
      if (stage === 'masking') uploads.set(submission.site, submission);
    },
    ...options,
  });
  return { state, uploads };
}

/** What the coordinator publishes of a session that is complete. */
async function revealed({ state, uploads }: Played): Promise<EarlierSum> {
  const survivors = survivorsIn(state, CT);
  const sum = new Int32Array(HEADER + SIZE);
  for (const site of survivors) addInto(sum, uploads.get(site)?.vectors.get(CT) ?? new Int32Array(0));
  await unmaskSum(complete(state), CT, sum);
  const { vector, header } = unpackSum(sum);
  const hash = sha256(bytesOf(vector));
  published.set(hash, vector);
  return { transcript: complete(state).agreed.transcript, sum: hash, weight: header.weight, survivors };
}

const messagesOf = (sites: ReadonlyMap<SiteId, Hospital>) =>
  [...sites.values()].flatMap(({ refusals }) => refusals.map(({ message }) => message));

/** The first site's own, on disk; as often as it is started. */
async function openedIn(folder: string) {
  const key = KEYS.get(FIRST) ?? generateSigningKey();
  const store = await fileSecureStore(folder, { study: STUDY, key, random: secureRandom });
  open.push(store);
  return store;
}

describe('a later sum of the same round', () => {
  it('is that of the geometric median: weighed by the mean before, over the same sites', async () => {
    const sites = await hospitals();
    let earlier = await revealed(await play(contextOf(0, undefined), sites));
    for (const iterations of [2, 3]) {
      earlier = await revealed(await play(contextOf(iterations - 1, earlier), sites));
      const expected = await medianSum(contributions, { ...SPEC, iterations });
      expect(earlier.weight).toBe(expected.weight);
      expect(published.get(earlier.sum)).toEqual(expected.vector);
    }
    expect(messagesOf(sites)).toEqual([]);
  });

  it('is not made where the study does not ask for it', async () => {
    const sites = await hospitals();
    let earlier = await revealed(await play(contextOf(0, undefined), sites));
    for (const iteration of [1, 2])
      earlier = await revealed(await play(contextOf(iteration, earlier), sites));
    const { uploads } = await play(contextOf(3, earlier), sites);
    expect(uploads.size).toBe(0);
    expect(new Set(messagesOf(sites))).toEqual(new Set(['iteration: expected none, or 1 to 2, got 3']));
  });

  it.each([
    ['shares its secrets', 'sharing', 0],
    ['sends its vector', 'masking', 6],
  ] as const)('is not made where one survivor is gone before it %s', async (_name, gone, sent) => {
    const sites = await hospitals();
    const earlier = await revealed(await play(contextOf(0, undefined), sites));
    const isAway: ParticipantPlay['isAway'] = (site, stage) =>
      site === LAST && STAGES.indexOf(stage) >= STAGES.indexOf(gone);
    const { state, uploads } = await play(contextOf(1, earlier), sites, { isAway });
    expect(state.stage).toBe('failed');
    expect(uploads.size).toBe(sent);
  });

  it('is made with a survivor whose vector came before it was gone', async () => {
    const sites = await hospitals();
    const earlier = await revealed(await play(contextOf(0, undefined), sites));
    const isAway: ParticipantPlay['isAway'] = (site, stage) =>
      site === LAST && STAGES.indexOf(stage) >= STAGES.indexOf('agreeing');
    const { state } = await play(contextOf(1, earlier), sites, { isAway });
    expect(survivorsIn(state, CT)).toEqual(SITES);
  });

  it('is tried again where a survivor was gone before anything was masked, and is whole then', async () => {
    const sites = await hospitals();
    const earlier = await revealed(await play(contextOf(0, undefined), sites));
    const isAway: ParticipantPlay['isAway'] = (site) => site === LAST;
    const { state, uploads } = await play(contextOf(1, earlier), sites, { isAway });
    expect(state).toMatchObject({ stage: 'failed', canRetry: true });
    expect(uploads.size).toBe(0);
    const again = await revealed(await play(contextOf(1, earlier, 2), sites));
    expect(again.weight).toBe((await medianSum(contributions, { ...SPEC, iterations: 2 })).weight);
  });

  it('is refused over other survivors than the site signed, by those left out too, also after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'later-'));
    const sites = await hospitals(new Map([[FIRST, await openedIn(folder)]]));
    const earlier = await revealed(await play(contextOf(0, undefined), sites));
    const fewer = { ...earlier, survivors: SITES.slice(0, 6) };
    sites.set(FIRST, hospital(FIRST, await openedIn(folder)));
    const { uploads } = await play(contextOf(1, fewer), sites);
    expect(uploads.size).toBe(0);
    expect(messagesOf(sites)).toEqual(
      SITES.map(
        () => `${CT}: survivors: expected those that were signed in the iteration before, got others`,
      ),
    );
  });

  it('is refused with a list that was signed in another session', async () => {
    const sites = await hospitals();
    const earlier = await revealed(await play(contextOf(0, undefined), sites));
    const { uploads } = await play(contextOf(1, { ...earlier, transcript: sha256('another') }), sites);
    expect([uploads.size, messagesOf(sites).length]).toEqual([0, 7]);
  });

  it('is made once: what was masked for it is masked for no other mean', async () => {
    const sites = await hospitals();
    const earlier = await revealed(await play(contextOf(0, undefined), sites));
    await play(contextOf(1, earlier), sites);
    const other = Int32Array.of(5, 5, 5);
    published.set(sha256(bytesOf(other)), other);
    const { uploads } = await play(contextOf(1, { ...earlier, sum: sha256(bytesOf(other)) }, 2), sites);
    expect(uploads.size).toBe(0);
  });

  it.each([
    ['other values than its hash names', Int32Array.of(1, 2, 3), undefined, 'earlier sum: expected'],
    ['more values', new Int32Array(4), 'own', 'earlier sum: expected 3 values, got 4'],
    ['a coordinate above its weight', Int32Array.of(2 ** 31 - 1, 0, 0), 'own', 'one within its range'],
  ])('is refused by a mean of %s', async (_name, sum, hash, message) => {
    const sites = await hospitals();
    const earlier = await revealed(await play(contextOf(0, undefined), sites));
    const named = hash === undefined ? sha256('named') : sha256(bytesOf(sum));
    published.set(named, sum);
    const { uploads } = await play(contextOf(1, { ...earlier, sum: named }), sites);
    expect(uploads.size).toBe(0);
    expect(messagesOf(sites)).toHaveLength(7);
    for (const found of messagesOf(sites)) expect(found).toMatch(message);
  });

  it('is sent again byte for byte after a restart, whatever is to be fetched by then', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'later-'));
    const sites = await hospitals(new Map([[FIRST, await openedIn(folder)]]));
    const earlier = await revealed(await play(contextOf(0, undefined), sites));
    let repeated: SecureSubmission | undefined;
    const { uploads } = await play(contextOf(1, earlier), sites, {
      async ask(site, instruction) {
        const submission = await sites.get(site)?.participant.answer(instruction);
        if (site !== FIRST || instruction.task.kind !== 'mask') return submission;
        const sum = published.get(earlier.sum) as Int32Array;
        published.delete(earlier.sum);
        repeated = await hospital(FIRST, await openedIn(folder)).participant.answer(instruction);
        published.set(earlier.sum, sum);
        return submission;
      },
    });
    expect(repeated).toEqual(uploads.get(FIRST));
    expect(repeated?.vectors.get(CT)).toHaveLength(HEADER + SIZE);
  });

  it('needs five survivors of the first sum, whatever the policies and the plan say', async () => {
    const sites = await hospitals();
    const isAway: ParticipantPlay['isAway'] = (site, stage) =>
      SITES.indexOf(site) >= 4 && stage === 'masking';
    const { state } = await play(contextOf(0, undefined), sites, { isAway });
    expect(state).toMatchObject({ stage: 'failed', reason: expect.stringContaining('survivors') });
  });
});
