import { describe, expect, it } from 'vitest';
import { drawSecrets } from '../../client/secagg/session-secrets.ts';
import { advertise, beginMasking, type Confirmed, grant, unmask } from '../../client/secagg/site-session.ts';
import { receive } from '../../server/secagg/receive.ts';
import { awaited, type CoordinatorSession, closeStage, openSession } from '../../server/secagg/session.ts';
import { taskFor } from '../../server/secagg/tasks.ts';
import { type BlockId, encoderBlock, modalityId, siteId } from '../../shared/core/ids.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import type { SecureMessage, SecureMessageType, SecureTask } from '../../shared/protocol/secure-session.ts';
import { signMessage } from '../../shared/secagg/signed-message.ts';
import { siteBits } from '../../shared/secagg/site-bits.ts';
import { agreementBody } from '../../shared/secagg/survivors.ts';
import { METHODS } from '../../shared/wire/generated/methods.ts';
import {
  decodeAddressedInstruction,
  decodeAwaitInstructionReply,
  encodeAddressedInstruction,
  encodeAwaitInstructionReply,
  encodeSecureSubmission,
} from '../../shared/wire/rounds-codec.ts';
import {
  encodeConfirmation,
  encodeMaskedManifest,
  encodeSharesMessage,
  encodeUnmasking,
} from '../../shared/wire/secure-codec.ts';
import { blockOf } from '../helpers/secure-attacks.ts';
import { hash, sessionOf, type TestSite } from '../helpers/secure-session.ts';

const SITES = 255;
const BLOCKS = ['ct', 'labs', 'notes'].map((id) => encoderBlock(modalityId(id)));
/** What a box over three blocks' shares is at most. */
const SEALED_BYTES = 1024;
const STUDY = hash('study');

/** The most sites there can be, with the longest ids, all of which hold all blocks. */
const ids = Array.from({ length: SITES }, (_, i) => siteId(String(i).padStart(64, '0')));
const session = sessionOf(
  ids,
  BLOCKS.map((block) => blockOf(block, ids)),
);
const members = [...session.sites.values()];
const first = members[0] as TestSite;

/** The task as the site reads it from the answer to its call. */
function overTheWire(task: SecureTask): SecureTask {
  const instruction = { kind: 'secure' as const, round: 1, session: STUDY, task };
  const content = encodeAddressedInstruction({ studyHash: STUDY, site: first.identity.site, instruction });
  const reply = encodeAwaitInstructionReply({
    kind: 'instruction',
    content,
    signature: new Uint8Array(64),
  });
  const { maxReplyBytes } = METHODS['/consilium.v1.RoundsService/AwaitInstruction'];
  expect(reply.length).toBeLessThan(maxReplyBytes);
  const read = decodeAwaitInstructionReply(reply);
  const arrived = read.kind === 'instruction' ? decodeAddressedInstruction(read.content).instruction : read;
  if (arrived.kind !== 'secure') throw new Error(`expected a task, got ${arrived.kind}`);
  return arrived.task;
}

/** The stage with what all sites sent, closed. All their messages are of one length. */
function closed(state: CoordinatorSession, send: (member: TestSite) => SecureMessage): CoordinatorSession {
  let next = state;
  for (const member of members) {
    const message = send(member);
    if (member === first) requireSendable(message);
    const reception = receive(next, message, session.keyOf);
    if (reception.kind !== 'taken') throw new Error(`expected taken, got ${reception.kind}`);
    next = reception.next;
  }
  expect(awaited(next)).toEqual([]);
  return closeStage(next, session.keyOf, 0);
}

function requireSendable(message: SecureMessage): void {
  const { site } = message;
  const submission = { studyHash: STUDY, site, round: 1, session: STUDY, message, contentHash: STUDY };
  const { maxRequestBytes } = METHODS['/consilium.v1.RoundsService/SubmitSecure'];
  expect(encodeSecureSubmission(submission).length).toBeLessThan(maxRequestBytes);
}

function at<Stage extends CoordinatorSession['stage']>(state: CoordinatorSession, stage: Stage) {
  if (state.stage === stage) return state as Extract<CoordinatorSession, { readonly stage: Stage }>;
  throw new Error(`expected ${stage}, got ${state.stage === 'failed' ? state.reason : state.stage}`);
}

function task<Kind extends SecureTask['kind']>(state: CoordinatorSession, kind: Kind) {
  const asked = taskFor(state, first.identity.site);
  const read = asked && overTheWire(asked);
  if (read?.kind === kind) return read as Extract<SecureTask, { readonly kind: Kind }>;
  throw new Error(`expected ${kind}, got ${read?.kind}`);
}

describe('a session of 255 sites with three blocks', () => {
  // Boxes and shares are of random bytes: real ones take minutes. All else is what sites send, and one of them reads.
  it('fits its messages, and a site goes on with what came over the wire', () => {
    const sign = ({ identity }: TestSite, type: SecureMessageType, body: Uint8Array) =>
      signMessage(identity, { type, session: opened.session }, body);
    const perBlock = <Fields>(fields: (block: BlockId) => Fields) =>
      BLOCKS.map((block) => ({ block, ...fields(block) }));
    const opened = openSession(session.context, ids, 0);
    const secrets = drawSecrets(BLOCKS, secureRandom);
    expect(task(opened, 'advertise').context).toEqual(session.context);

    const sharing = at(
      closed(opened, (member) => {
        const own = member === first ? secrets : drawSecrets(BLOCKS, secureRandom);
        return advertise(member.identity, session.context, member.held, own).message;
      }),
      'sharing',
    );
    expect(task(sharing, 'share').advertisements.length).toBe(SITES);
    const { agreed } = sharing;
    // floor(2 · 255 / 3) + 1
    expect(agreed.threshold).toBe(171);

    const rows = secureRandom.bytes(32 * SITES);
    const sealed = secureRandom.bytes(SEALED_BYTES);
    const confirming = at(
      closed(sharing, (member) => {
        const { site } = member.identity;
        const transcript = sign(member, 'transcript', Buffer.from(agreed.transcript, 'hex'));
        const body = encodeSharesMessage({
          session: agreed.session,
          transcriptSignature: transcript.signature,
          boxes: ids.filter((id) => id !== site).map((peer) => ({ peer, sealed })),
          commitments: perBlock(() => ({
            seed: rows.subarray(0, 32),
            keyShares: rows,
            seedShares: rows,
          })),
        });
        return sign(member, 'shares', body);
      }),
      'confirming',
    );
    expect(task(confirming, 'confirm').deliveries.length).toBe(SITES);

    const holders = siteBits(agreed.participants, ids);
    const confirmation = encodeConfirmation({
      session: agreed.session,
      blocks: perBlock(() => ({ holders })),
    });
    const masking = at(
      closed(confirming, (member) => sign(member, 'confirmation', confirmation)),
      'masking',
    );
    const { confirmations } = task(masking, 'mask');
    const confirmed: Confirmed = {
      stage: 'confirmed',
      agreed,
      secrets,
      held: new Map(),
      message: sign(first, 'confirmation', confirmation),
    };
    const { cohorts } = beginMasking(first.identity, confirmed, confirmations);
    expect([...cohorts.values()].map((cohort) => cohort.members)).toEqual(BLOCKS.map(() => ids));

    const manifest = encodeMaskedManifest({
      session: agreed.session,
      blocks: perBlock((block) => ({
        cohort: cohorts.get(block)?.hash ?? STUDY,
        length: agreed.blocks.get(block)?.length ?? 0,
        vector: STUDY,
      })),
    });
    const own = sign(first, 'masked', manifest);
    const agreeing = at(
      closed(masking, (member) => (member === first ? own : sign(member, 'masked', manifest))),
      'agreeing',
    );
    const masked = { ...confirmed, stage: 'masked' as const, cohorts, message: own };
    const terms = { granted: new Map<BlockId, never>(), isAcknowledged: true };
    const granted = grant(first.identity, masked, task(agreeing, 'agree'), terms).next;
    expect(granted.agreement.blocks).toEqual(BLOCKS.map((block) => ({ block, survivors: ids })));

    const list = agreementBody(agreed, granted.agreement);
    const unmasking = at(
      closed(agreeing, (member) => sign(member, 'agreement', list)),
      'unmasking',
    );
    const { agreements } = task(unmasking, 'unmask');
    expect(unmask(first.identity, granted, agreements).stage).toBe('unmasked');
    const shares = perBlock(() => ({ shares: secureRandom.bytes(33 * SITES) }));
    const last = encodeUnmasking({ session: agreed.session, blocks: shares });
    const revealing = sign(first, 'unmasking', last);
    requireSendable(revealing);
    expect(receive(unmasking, revealing, session.keyOf).kind).toBe('taken');
  });
});
