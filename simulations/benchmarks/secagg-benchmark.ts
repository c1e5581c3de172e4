import { maskVector } from '../../client/secagg/mask-vector.ts';
import { drawSecrets } from '../../client/secagg/session-secrets.ts';
import type { SiteIdentity } from '../../client/secagg/site-identity.ts';
import {
  advertise,
  beginMasking,
  confirm,
  grant,
  masked,
  type SiteSession,
  share,
  unmask,
} from '../../client/secagg/site-session.ts';
import { type Reception, receive } from '../../server/secagg/receive.ts';
import { awaited, type CoordinatorSession, closeStage, openSession } from '../../server/secagg/session.ts';
import { taskFor } from '../../server/secagg/tasks.ts';
import { unmaskSum } from '../../server/secagg/unmask.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { JOINT_BLOCK, type SiteId, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { expandMask } from '../../shared/crypto/masks.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import type { SecureContext, SecureMessage, SecureTask } from '../../shared/protocol/secure-session.ts';
import type { KeyOf } from '../../shared/secagg/signed-message.ts';
import { HEADER } from '../../shared/secagg/vector.ts';
import { addInto } from '../../shared/tensor/ring.ts';
import { type BenchmarkResult, benchmarkResult, median, timeRuns } from './runner.ts';
import { type Span, spanOf } from './span.ts';

export interface SecaggOptions {
  readonly parameters: number;
  readonly sites: number;
  /** In the second session: sites that share their secrets and then send no vector. */
  readonly vanished: number;
  readonly runs: number;
}

interface Member {
  readonly identity: SiteIdentity;
  state: SiteSession | undefined;
  vector: Int32Array;
  seconds: number;
  processorSeconds: number;
  bytes: number;
}

interface Played {
  readonly site: Span;
  readonly coordinator: Span;
  readonly bytesOverVector: number;
}

/**
 * A whole session in one process and without a network: what one site does from its keys to its shares, and what the
 * coordinator does from the first message to the sum, with everybody there and with some that vanish. The floor is the
 * cipher alone over as many bytes as the site expands.
 */
export async function secaggBenchmark(options: SecaggOptions): Promise<BenchmarkResult> {
  const { parameters, sites, vanished, runs } = options;
  const seed = secureRandom.bytes(32);
  const cipher = median(await timeRuns(runs, () => expandMask(HEADER + parameters, seed)));
  const all: Played[] = [];
  const some: Played[] = [];
  // The first compiles.
  for (let run = -1; run < runs; run++) {
    const [whole, short] = [await playSession(options, 0), await playSession(options, vanished)];
    if (run < 0) continue;
    all.push(whole);
    some.push(short);
  }
  const of = (played: readonly Played[], figure: (each: Played) => number) => median(played.map(figure));
  const siteSeconds = of(all, ({ site }) => site.seconds);
  return benchmarkResult(
    'secagg',
    { parameters, sites, vanished, runs },
    {
      siteSeconds,
      siteProcessorSeconds: of(all, ({ site }) => site.processorSeconds),
      coordinatorSeconds: of(all, ({ coordinator }) => coordinator.seconds),
      coordinatorProcessorSeconds: of(all, ({ coordinator }) => coordinator.processorSeconds),
      coordinatorVanishedSeconds: of(some, ({ coordinator }) => coordinator.seconds),
      coordinatorVanishedProcessorSeconds: of(some, ({ coordinator }) => coordinator.processorSeconds),
      bytesOverVector: of(all, ({ bytesOverVector }) => bytesOverVector),
      cipherSecondsPerMask: cipher,
      siteTimesCipher: siteSeconds / (sites * cipher),
    },
  );
}

async function playSession({ parameters, sites }: SecaggOptions, vanished: number): Promise<Played> {
  const keys = new Map(
    Array.from({ length: sites }, (_, i) => [siteId(`site-${i + 10}`), generateSigningKey()] as const),
  );
  const keyOf: KeyOf = (site) => keys.get(site)?.publicKey;
  const members = new Map<SiteId, Member>(
    [...keys].map(([site, key]) => [
      site,
      {
        identity: { site, key, keyOf },
        state: undefined,
        vector: new Int32Array(HEADER + parameters).fill(1),
        seconds: 0,
        processorSeconds: 0,
        bytes: 0,
      },
    ]),
  );
  const gone = new Set([...keys.keys()].slice(0, vanished));
  let state: CoordinatorSession = openSession(contextOf(parameters), [...keys.keys()], 0);
  const coordinator = { seconds: 0, processorSeconds: 0 };
  const atCoordinator = async <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    let result: Result | undefined;
    const span = await spanOf(async () => {
      result = await work();
    });
    coordinator.seconds += span.seconds;
    coordinator.processorSeconds += span.processorSeconds;
    return result as Result;
  };
  while (state.stage !== 'complete' && state.stage !== 'failed') {
    for (const site of awaited(state)) {
      if (gone.has(site) && state.stage !== 'advertising' && state.stage !== 'sharing') continue;
      const open: CoordinatorSession = state;
      const task = await atCoordinator(() => taskFor(open, site));
      const message = task && (await answered(members.get(site) as Member, task));
      if (message === undefined) continue;
      const reception: Reception = await atCoordinator((): Reception => receive(open, message, keyOf));
      if (reception.kind === 'taken') state = reception.next;
    }
    const open: CoordinatorSession = state;
    state = await atCoordinator(() => closeStage(open, keyOf, 0));
  }
  if (state.stage === 'failed') throw new ConsiliumError('INTERNAL', `secagg benchmark: ${state.reason}`);
  const complete = state;
  const sum = await atCoordinator(() => sumOf(complete, members));
  // Each coordinate of each vector is 1.
  const expected = sites - vanished;
  if (sum.some((value) => value !== expected)) {
    throw new ConsiliumError('INTERNAL', `secagg benchmark: expected sums of ${expected}`);
  }
  const working = [...members.values()].filter(({ identity }) => !gone.has(identity.site));
  return {
    site: {
      seconds: median(working.map(({ seconds }) => seconds)),
      processorSeconds: median(working.map(({ processorSeconds }) => processorSeconds)),
    },
    coordinator,
    bytesOverVector: median(working.map(({ bytes }) => bytes)) / (4 * parameters),
  };
}

async function sumOf(
  state: Extract<CoordinatorSession, { readonly stage: 'complete' }>,
  members: ReadonlyMap<SiteId, Member>,
): Promise<Int32Array> {
  const survivors = state.agreement.blocks[0]?.survivors ?? [];
  const sum = new Int32Array(state.agreed.blocks.get(JOINT_BLOCK)?.length ?? 0);
  for (const site of survivors) addInto(sum, (members.get(site) as Member).vector);
  await unmaskSum(state, JOINT_BLOCK, sum);
  return sum;
}

/** What the site sends; the time that it takes, and the bytes, are added to its own. */
async function answered(member: Member, task: SecureTask): Promise<SecureMessage | undefined> {
  let message: SecureMessage | undefined;
  const span = await spanOf(async () => {
    message = await answer(member, task);
  });
  member.seconds += span.seconds;
  member.processorSeconds += span.processorSeconds;
  member.bytes += message?.body.length ?? 0;
  if (task.kind === 'mask') member.bytes += member.vector.byteLength;
  return message;
}

async function answer(member: Member, task: SecureTask): Promise<SecureMessage | undefined> {
  const { identity, state } = member;
  switch (task.kind) {
    case 'advertise': {
      const held = new Map([[JOINT_BLOCK, { kMin: 3 }]]);
      member.state = advertise(identity, task.context, held, drawSecrets([JOINT_BLOCK], secureRandom));
      break;
    }
    case 'share':
      if (state?.stage === 'advertised') {
        member.state = await share(identity, state, task.advertisements, secureRandom);
      }
      break;
    case 'confirm':
      if (state?.stage === 'shared') member.state = confirm(identity, state, task.deliveries);
      break;
    case 'mask':
      if (state?.stage === 'confirmed') {
        const masking = beginMasking(identity, state, task.confirmations);
        await maskVector(masking, identity.site, JOINT_BLOCK, member.vector);
        const hash = sha256(bytesOf(member.vector));
        member.state = masked(identity, masking, new Map([[JOINT_BLOCK, hash]]));
      }
      break;
    case 'agree':
      if (state?.stage === 'masked') {
        const terms = { granted: new Map(), isAcknowledged: true };
        member.state = grant(identity, state, task, terms).next;
      }
      break;
    case 'unmask':
      if (state?.stage === 'granted') member.state = unmask(identity, state, task.agreements);
      break;
  }
  return member.state === undefined || member.state.stage === 'masking' ? undefined : member.state.message;
}

function contextOf(parameters: number): SecureContext {
  const base = sha256('a model');
  return {
    studyHash: sha256('a study'),
    round: 1,
    attempt: 1,
    purpose: 'train',
    rosterVersion: 1,
    modelHash: base,
    blocks: [
      {
        block: JOINT_BLOCK,
        length: HEADER + parameters,
        clip: 10,
        registered: 100,
        censusEpoch: 1,
        kMin: 3,
        base,
      },
    ],
  };
}
