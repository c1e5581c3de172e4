import { bytesOf } from '../../shared/core/bytes.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, ContentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { SecureRandom } from '../../shared/crypto/random.ts';
import type { Instruction, SecureSubmission } from '../../shared/protocol/messages.ts';
import type { SecureContext, SecureMessage, SecureTask } from '../../shared/protocol/secure-session.ts';
import { refuse } from '../../shared/secagg/refuse.ts';
import { sessionId } from '../../shared/secagg/session-id.ts';
import { fewestHolders } from '../../shared/study/robust-holders.ts';
import { blocksToBring, type MedianTools, requireIteration, vectorAgain } from './later-sums.ts';
import { maskVector } from './mask-vector.ts';
import { notMaskedBefore } from './masked-once.ts';
import type { Prepared } from './prepared.ts';
import type { SecurePlace, SecureStore } from './secure-store.ts';
import { drawSecrets } from './session-secrets.ts';
import { requireChurn, type SingletonStep, singletonStepsWith } from './signed-survivors.ts';
import type { SiteIdentity } from './site-identity.ts';
import {
  advertise,
  beginMasking,
  blocksToMask,
  confirm,
  type Grant,
  grant,
  type Masking,
  masked,
  type SiteSession,
  share,
  unmask,
} from './site-session.ts';
import { replayed, type StoredSession } from './stored-session.ts';

/** A site's part in the secure sessions of one study. */
export interface SecureParticipant {
  /** Keeps what a session will ask for; durable when it resolves. */
  keep(prepared: Prepared): Promise<void>;
  /**
   * What the site sends for a task: the same for the same task, also after a restart. Durable when it resolves.
   * @returns undefined where it takes no part in the session, any more or at all: the caller declines.
   */
  answer(
    instruction: Extract<Instruction, { readonly kind: 'secure' }>,
  ): Promise<SecureSubmission | undefined>;
  /** The coordinator has the site's vectors: a list of survivors without the site is refused from now on. */
  acknowledged(session: ContentHash): Promise<void>;
  /** The study is over: nothing will be asked for any more. */
  ended(): Promise<void>;
}

export interface SecureParticipantOptions {
  readonly identity: SiteIdentity;
  readonly studyHash: ContentHash;
  /** Fewest survivors that the site's vectors may be summed with, by its own policy. */
  readonly kMin: number;
  /** Of a study that merges by the geometric median; without it, what a round trained is summed once. */
  readonly median?: MedianTools;
  /** Rounds in which one site alone may make the difference in a block's survivors, by its own policy as it is then. */
  maxSingletonChurn(): Promise<number>;
  readonly store: SecureStore;
  readonly random: SecureRandom;
  /** Told why the site left a session. */
  readonly onRefusal?: (session: ContentHash, error: ConsiliumError) => void;
  /** Told, before it signs, of each block whose survivors differ by one site from those that it signed before. */
  readonly onSingleton?: (place: SecurePlace, step: SingletonStep) => void;
}

interface Open {
  readonly session: ContentHash;
  readonly prepared: Prepared;
  readonly state: SiteSession;
  /** From which `state` follows. */
  readonly stored: StoredSession;
  /** What the last task was answered with; vectors only where it was `mask`. */
  readonly vectors: ReadonlyMap<BlockId, Int32Array>;
}

export function secureParticipant(options: SecureParticipantOptions): SecureParticipant {
  const { identity, studyHash, store } = options;
  let open: Open | undefined;
  const left = new Set<ContentHash>();

  async function answered(round: number, session: ContentHash, task: SecureTask): Promise<Open | undefined> {
    const known = open?.session === session ? open : await resumed(options, round, session);
    if (known === 'left') return undefined;
    if (task.kind === 'advertise') return known ?? begin(options, round, task.context);
    return known && next(options, known, task);
  }

  return {
    keep: (prepared) => store.keep(prepared),
    async acknowledged(session) {
      if (open?.session !== session || open.stored.isAcknowledged) return;
      open = await saved(store, open, { ...open.stored, isAcknowledged: true });
    },
    async ended() {
      open = undefined;
      await store.forget();
    },
    async answer({ round, session, task }) {
      if (left.has(session)) return undefined;
      try {
        open = await answered(round, session, task);
      } catch (error) {
        if (!(error instanceof ConsiliumError) || !LEAVES.has(error.code)) throw error;
        left.add(session);
        open = undefined;
        await store.saveSession(session, 'left');
        options.onRefusal?.(session, error);
      }
      const message = open && messageIn(open.state);
      if (open === undefined || message === undefined) return undefined;
      const { vectors } = open;
      return { site: identity.site, studyHash, round, session, message, vectors };
    },
  };
}

/** What makes a site leave a session; anything else is a fault of its own. */
const LEAVES: ReadonlySet<string> = new Set([
  'SECURE_SESSION_REFUSED',
  'WIRE_INVALID',
  'LOW_ORDER_KEY',
  'POLICY_REFUSED',
]);

const NO_VECTORS: ReadonlyMap<BlockId, Int32Array> = new Map();

async function begin(
  { identity, studyHash, kMin, median, store, random }: SecureParticipantOptions,
  round: number,
  context: SecureContext,
): Promise<Open | undefined> {
  const prepared = await store.prepared({ round, purpose: context.purpose });
  if (prepared === undefined) return undefined;
  requireOwnContext(context, studyHash, prepared);
  requireIteration(context, median?.spec);
  const asked = blocksToBring(identity.site, context, await store.grants(placeBefore(context)));
  const isMedian = median !== undefined && context.purpose === 'train';
  const floor = isMedian ? Math.max(kMin, fewestHolders(median.spec)) : kMin;
  const blocks = asked.filter((block) => prepared.blocks.has(block));
  const all = new Map(blocks.map((block) => [block, { kMin: floor }]));
  const held = notMaskedBefore(all, await store.maskedFor(placeOf(context)));
  const secrets = drawSecrets([...held.keys()], random);
  const stored: StoredSession = {
    context,
    held,
    secrets,
    shared: undefined,
    keys: new Map(),
    tasks: [],
    vectors: new Map(),
    isAcknowledged: false,
  };
  const state = advertise(identity, context, held, secrets);
  const open = { session: sessionId(context), prepared, state, stored, vectors: NO_VECTORS };
  return saved(store, open, stored);
}

/** The session as a restart finds it. */
async function resumed(
  { identity, store }: SecureParticipantOptions,
  round: number,
  session: ContentHash,
): Promise<Open | 'left' | undefined> {
  const stored = await store.session(session);
  if (stored === undefined || stored === 'left') return stored;
  const prepared = await store.prepared({ round, purpose: stored.context.purpose });
  const state = replayed(stored, identity);
  const vectors = state.stage === 'masked' ? await store.masked(session) : NO_VECTORS;
  if (prepared === undefined || vectors === undefined) return undefined;
  return { session, prepared, state, stored, vectors };
}

async function saved(store: SecureStore, open: Open, stored: StoredSession): Promise<Open> {
  await store.saveSession(open.session, stored);
  return { ...open, stored };
}

/** The task fits the stage before it, or was answered: then the same answer is given again. */
async function next(
  options: SecureParticipantOptions,
  open: Open,
  task: Exclude<SecureTask, { readonly kind: 'advertise' }>,
): Promise<Open> {
  const { identity, store, random } = options;
  const { state, stored } = open;
  const tasks = [...stored.tasks, task];
  switch (task.kind) {
    case 'share': {
      if (state.stage !== 'advertised') return open;
      const shared = await share(identity, state, task.advertisements, random);
      const { message, own, agreed } = shared;
      const keys = new Map(
        agreed.participants.map(({ site }) => [site, identity.keyOf(site) ?? new Uint8Array(0)]),
      );
      return saved(store, { ...open, state: shared }, { ...stored, tasks, keys, shared: { message, own } });
    }
    case 'confirm':
      if (state.stage !== 'shared') return open;
      return saved(
        store,
        { ...open, state: confirm(identity, state, task.deliveries) },
        { ...stored, tasks },
      );
    case 'mask': {
      if (state.stage !== 'confirmed') return open;
      const masking = beginMasking(identity, state, task.confirmations);
      // Masks that hid one vector must not hide another: what a site that died had stored is sent as it is.
      const vectors = (await store.masked(open.session)) ?? (await maskAll(options, open, masking));
      const hashes = new Map([...vectors].map(([block, vector]) => [block, sha256(bytesOf(vector))]));
      const answered = { ...open, state: masked(identity, masking, hashes), vectors };
      return saved(store, answered, { ...stored, tasks, vectors: hashes });
    }
    case 'agree': {
      if (state.stage !== 'confirmed' && state.stage !== 'masked') return open;
      const place = placeOf(stored.context);
      const terms = { granted: await store.grants(place), isAcknowledged: stored.isAcknowledged };
      const { next: granted, grants } = grant(identity, state, task, terms);
      // A later iteration is over the very sites of the first.
      if (place.iteration === undefined) await checkChurn(options, place, grants);
      await store.grant(place, grants);
      return saved(store, { ...open, state: granted, vectors: NO_VECTORS }, { ...stored, tasks });
    }
    case 'unmask':
      if (state.stage !== 'granted') return open;
      return saved(store, { ...open, state: unmask(identity, state, task.agreements) }, { ...stored, tasks });
  }
}

/** Masks what the site brings. The vectors are on disk when it resolves. */
async function maskAll(
  options: Parameters<typeof next>[0],
  open: Open,
  masking: Masking,
): Promise<ReadonlyMap<BlockId, Int32Array>> {
  const { identity, store } = options;
  const vectors = new Map<BlockId, Int32Array>();
  for (const block of blocksToMask(identity, masking)) {
    const vector = await ownVector(options, open, block);
    if (vector === undefined) continue;
    await maskVector(masking, identity.site, block, vector);
    vectors.set(block, vector);
  }
  const { session, stored } = open;
  const { transcript } = masking.agreed;
  if (vectors.size > 0) await store.keepMasked(placeOf(stored.context), { session, transcript, vectors });
  return vectors;
}

/** @throws ConsiliumError `POLICY_REFUSED`: the cohorts of the study's rounds differ by one site too often. */
async function checkChurn(
  { store, maxSingletonChurn, onSingleton }: SecureParticipantOptions,
  place: SecurePlace,
  grants: readonly Grant[],
): Promise<void> {
  const steps = singletonStepsWith(await store.signedSurvivors(place.purpose), place.round, grants);
  for (const step of steps) onSingleton?.(place, step);
  requireChurn(steps, await maxSingletonChurn());
}

function messageIn(state: SiteSession): SecureMessage | undefined {
  return state.stage === 'masking' ? undefined : state.message;
}

/** What the site brings for a block before it is masked; undefined: nothing. The caller's. */
async function ownVector(
  { median }: Pick<SecureParticipantOptions, 'median'>,
  { prepared, stored }: Open,
  block: BlockId,
): Promise<Int32Array | undefined> {
  const first = prepared.blocks.get(block)?.vector;
  const earlier = stored.context.blocks.find((each) => each.block === block)?.earlier;
  if (first === undefined || earlier === undefined || median === undefined) return first?.slice();
  const sum = await median.port.fetchSum(earlier.sum);
  return vectorAgain(first, earlier, { block, sum, spec: median.spec });
}

function placeOf({ round, purpose, iteration }: SecureContext): SecurePlace {
  return { round, purpose, ...(iteration !== undefined && { iteration }) };
}

/** Of the iteration before; of a first sum, nothing is asked there. */
function placeBefore({ round, purpose, iteration = 1 }: SecureContext): SecurePlace {
  return { round, purpose, ...(iteration > 1 && { iteration: iteration - 1 }) };
}

/** @throws ConsiliumError `SECURE_SESSION_REFUSED` where the session is not about what the site prepared. */
function requireOwnContext(context: SecureContext, studyHash: ContentHash, prepared: Prepared): void {
  requireEqual('study', studyHash, context.studyHash);
  requireEqual('round', prepared.round, context.round);
  for (const { block, length, clip, registered, base } of context.blocks) {
    const own = prepared.blocks.get(block);
    if (own === undefined) continue;
    requireEqual(`${block}: length`, own.vector.length, length);
    requireEqual(`${block}: clip`, own.clip, clip);
    requireEqual(`${block}: registered weight`, own.registered, registered);
    requireEqual(`${block}: base`, own.base, base);
  }
}

function requireEqual(what: string, expected: string | number, found: string | number): void {
  if (expected !== found) throw refuse(what, String(expected), String(found));
}
