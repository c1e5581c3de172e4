import { maskVector } from '../../client/secagg/mask-vector.ts';
import { notMaskedBefore } from '../../client/secagg/masked-once.ts';
import { drawSecrets } from '../../client/secagg/session-secrets.ts';
import type { SiteIdentity } from '../../client/secagg/site-identity.ts';
import {
  advertise,
  beginMasking,
  blocksToMask,
  confirm,
  type Grant,
  grant,
  masked,
  type SiteSession,
  share,
  unmask,
} from '../../client/secagg/site-session.ts';
import { type Reception, receive } from '../../server/secagg/receive.ts';
import {
  awaited,
  type CoordinatorSession,
  closeStage,
  openSession,
  type SessionAt,
  type SessionStage,
} from '../../server/secagg/session.ts';
import { taskFor } from '../../server/secagg/tasks.ts';
import { unmaskSum } from '../../server/secagg/unmask.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { type SecureRandom, secureRandom } from '../../shared/crypto/random.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import type { SecureContext, SecureMessage, SecureTask } from '../../shared/protocol/secure-session.ts';
import type { KeyOf } from '../../shared/secagg/signed-message.ts';
import { addInto } from '../../shared/tensor/ring.ts';
import { decodeSecureTask, encodeSecureTask } from '../../shared/wire/secure-codec.ts';

export type AskedStage = Exclude<SessionStage, 'complete' | 'failed'>;

/** A site of a session in memory, with all that it must remember. */
export interface TestSite {
  readonly identity: SiteIdentity;
  readonly held: ReadonlyMap<BlockId, { readonly kMin: number; readonly vector: Int32Array }>;
  state: SiteSession | undefined;
  /** Masked vectors that it uploaded, by block. */
  readonly uploads: Map<BlockId, Int32Array>;
  readonly granted: Map<BlockId, ContentHash>;
  /** Transcripts of the sessions that its vectors were masked for, in any attempt. */
  readonly maskedFor: Map<BlockId, ContentHash>;
  readonly random: SecureRandom;
  isAcknowledged: boolean;
}

export interface SessionOfSites {
  readonly context: SecureContext;
  readonly sites: ReadonlyMap<SiteId, TestSite>;
  readonly keyOf: KeyOf;
}

export const site = (i: number) => `site-${String(i).padStart(3, '0')}` as SiteId;
export const hash = (text: string) => sha256(text);

export interface TestBlock {
  readonly block: BlockId;
  readonly length: number;
  readonly kMin?: number;
  /** By place of the site; a site that is not in it does not hold the block. */
  readonly vectors: ReadonlyMap<SiteId, Int32Array>;
  /** The holders' own smallest cohort. */
  readonly holdersMin?: number;
}

export function sessionOf(
  sites: readonly SiteId[],
  blocks: readonly TestBlock[],
  changes: Partial<SecureContext> = {},
  random: SecureRandom = secureRandom,
): SessionOfSites {
  const keys = new Map(sites.map((id) => [id, generateSigningKey()]));
  const keyOf: KeyOf = (id) => keys.get(id)?.publicKey;
  const context: SecureContext = {
    studyHash: hash('study'),
    round: 1,
    attempt: 1,
    purpose: 'train',
    rosterVersion: 1,
    modelHash: hash('model'),
    blocks: [...blocks]
      .sort((a, b) => (a.block < b.block ? -1 : 1))
      .map(({ block, length, kMin = 3 }) => ({
        block,
        length,
        clip: 10,
        registered: 100,
        censusEpoch: 1,
        kMin,
        base: hash(`base of ${block}`),
      })),
    ...changes,
  };
  const members = new Map(
    [...keys].map(([id, key]) => {
      const held = new Map(
        blocks.flatMap(({ block, vectors, holdersMin = 3 }) => {
          const vector = vectors.get(id);
          return vector === undefined ? [] : [[block, { kMin: holdersMin, vector }] as const];
        }),
      );
      const member: TestSite = {
        identity: { site: id, key, keyOf },
        held,
        state: undefined,
        uploads: new Map(),
        granted: new Map(),
        maskedFor: new Map(),
        random,
        isAcknowledged: false,
      };
      return [id, member] as const;
    }),
  );
  return { context, sites: members, keyOf };
}

/** The same sites, or those of them that are named, asked again: they keep their grants and vectors, and nothing else. */
export function nextAttempt(session: SessionOfSites, invited?: readonly SiteId[]): SessionOfSites {
  const { context, keyOf } = session;
  const sites = new Map(
    [...session.sites]
      .filter(([id]) => invited === undefined || invited.includes(id))
      .map(([id, member]) => [
        id,
        { ...member, state: undefined, uploads: new Map(), isAcknowledged: false },
      ]),
  );
  return { context: { ...context, attempt: context.attempt + 1 }, sites, keyOf };
}

/** What a site answers to a task; undefined where it has nothing to send. Its grants are taken down first. */
export async function answer(member: TestSite, task: SecureTask): Promise<SecureMessage | undefined> {
  const { identity, held, random } = member;
  switch (task.kind) {
    case 'advertise': {
      const brought = notMaskedBefore(held, member.maskedFor);
      member.state = advertise(identity, task.context, brought, drawSecrets([...brought.keys()], random));
      return member.state.message;
    }
    case 'share':
      member.state = await share(identity, at(member, 'advertised'), task.advertisements, random);
      return member.state.message;
    case 'confirm':
      member.state = confirm(identity, at(member, 'shared'), task.deliveries);
      return member.state.message;
    case 'mask': {
      const masking = beginMasking(identity, at(member, 'confirmed'), task.confirmations);
      const hashes = new Map<BlockId, ContentHash>();
      for (const block of blocksToMask(identity, masking)) {
        member.maskedFor.set(block, masking.agreed.transcript);
        const vector = Int32Array.from(held.get(block)?.vector ?? []);
        await maskVector(masking, identity.site, block, vector);
        member.uploads.set(block, vector);
        hashes.set(block, sha256(bytesOf(vector)));
      }
      member.state = masked(identity, masking, hashes);
      return member.state.message;
    }
    case 'agree': {
      const { state } = member;
      if (state?.stage !== 'masked' && state?.stage !== 'confirmed')
        throw new Error(`agree in ${state?.stage}`);
      const { granted, isAcknowledged } = member;
      const { next, grants } = grant(identity, state, task, { granted, isAcknowledged });
      for (const each of grants as readonly Grant[]) granted.set(each.block, each.survivors);
      member.state = next;
      return next.message;
    }
    case 'unmask':
      member.state = unmask(identity, at(member, 'granted'), task.agreements);
      return member.state.message;
  }
}

export function at<Stage extends SiteSession['stage']>(
  member: TestSite,
  stage: Stage,
): Extract<SiteSession, { readonly stage: Stage }> {
  if (member.state?.stage !== stage)
    throw new Error(`${member.identity.site}: ${stage} wanted, is ${member.state?.stage}`);
  return member.state as Extract<SiteSession, { readonly stage: Stage }>;
}

export interface Play {
  /** The stage from which on a site is silent. */
  readonly gone?: ReadonlyMap<SiteId, AskedStage>;
  /** The order in which those that are awaited answer. */
  readonly order?: (sites: readonly SiteId[]) => readonly SiteId[];
  /** What the coordinator shows instead of the task. */
  readonly show?: (task: SecureTask, to: SiteId, state: CoordinatorSession) => SecureTask;
  /** What arrives instead of the message; undefined: nothing. */
  readonly send?: (message: SecureMessage, state: CoordinatorSession) => SecureMessage | undefined;
  /** Takes down which sites refuse a task, and stay silent from then on; without it the session ends there. */
  readonly refusals?: Map<SiteId, ConsiliumError>;
  /** Takes down which messages the coordinator refuses; without it the session ends there. */
  readonly rejections?: Map<SiteId, ConsiliumError>;
  /** Takes down each message that was taken. */
  readonly log?: SessionEntry[];
}

export interface SessionEntry {
  readonly stage: AskedStage;
  readonly message: SecureMessage;
}

/** A session from its opening to its end; tasks go through their encoding. */
export async function play(session: SessionOfSites, options: Play = {}): Promise<CoordinatorSession> {
  const {
    gone = new Map(),
    order = (sites) => sites,
    show = (task) => task,
    send = (message) => message,
  } = options;
  let state = openSession(session.context, [...session.sites.keys()], 0);
  while (state.stage !== 'complete' && state.stage !== 'failed') {
    const { stage } = state;
    for (const id of order(awaited(state))) {
      if (isGone(gone.get(id), stage) || options.refusals?.has(id)) continue;
      const task = taskFor(state, id);
      const member = session.sites.get(id);
      if (task === undefined || member === undefined) continue;
      const shown = show(task, id, state);
      const message = await unlessRefused(id, options.refusals, () =>
        answer(member, decodeSecureTask(encodeSecureTask(shown))),
      );
      const sent: SecureMessage | undefined = message && send(message, state);
      if (sent === undefined) continue;
      const open: CoordinatorSession = state;
      const reception: Reception | undefined = await unlessRefused(id, options.rejections, async () =>
        receive(open, sent, session.keyOf),
      );
      if (reception?.kind === 'taken') {
        state = reception.next;
        options.log?.push({ stage, message: sent });
      }
      if (stage === 'masking') member.isAcknowledged = reception?.kind === 'taken';
    }
    state = closeStage(state, session.keyOf, 0);
  }
  return state;
}

async function unlessRefused<Result>(
  site: SiteId,
  refusals: Map<SiteId, ConsiliumError> | undefined,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (refusals === undefined || !(error instanceof ConsiliumError)) throw error;
    refusals.set(site, error);
    return undefined;
  }
}

/** The stages in which the coordinator asks something of sites, in order. */
export const STAGES: readonly AskedStage[] = [
  'advertising',
  'sharing',
  'confirming',
  'masking',
  'agreeing',
  'unmasking',
];

function isGone(from: AskedStage | undefined, stage: AskedStage): boolean {
  return from !== undefined && STAGES.indexOf(stage) >= STAGES.indexOf(from);
}

/** @throws Error unless the session is complete. */
export function complete(state: CoordinatorSession): SessionAt<'complete'> {
  if (state.stage === 'complete') return state;
  throw new Error(`session: ${state.stage === 'failed' ? state.reason : state.stage}`);
}

/** The survivors of a block of a complete session; none where it is not in the agreement. */
export function survivorsIn(state: CoordinatorSession, block: BlockId): readonly SiteId[] {
  return complete(state).agreement.blocks.find((each) => each.block === block)?.survivors ?? [];
}

/** The unmasked sums by block, of a complete session. */
export async function sumsOf(
  session: SessionOfSites,
  ended: CoordinatorSession,
): Promise<ReadonlyMap<BlockId, Int32Array>> {
  const state = complete(ended);
  const sums = new Map<BlockId, Int32Array>();
  for (const { block, survivors } of state.agreement.blocks) {
    const length = state.agreed.blocks.get(block)?.length ?? 0;
    const sum = new Int32Array(length);
    for (const id of survivors) addInto(sum, session.sites.get(id)?.uploads.get(block) ?? new Int32Array(0));
    await unmaskSum(state, block, sum);
    sums.set(block, sum);
  }
  return sums;
}

/** The sum of the plain vectors of those sites. */
export function plainSum(session: SessionOfSites, block: BlockId, sites: readonly SiteId[]): Int32Array {
  const vectors = sites.map((id) => session.sites.get(id)?.held.get(block)?.vector ?? new Int32Array(0));
  const sum = new Int32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) addInto(sum, vector);
  return sum;
}
