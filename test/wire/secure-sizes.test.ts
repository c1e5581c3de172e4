import { describe, expect, it } from 'vitest';
import { type BlockId, encoderBlock, modalityId, type SiteId, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { Instruction } from '../../shared/protocol/messages.ts';
import type { SecureTask } from '../../shared/protocol/secure-session.ts';
import { METHODS } from '../../shared/wire/generated/methods.ts';
import {
  decodeAddressedInstruction,
  decodeAwaitInstructionReply,
  encodeAddressedInstruction,
  encodeAwaitInstructionReply,
  encodeSecureSubmission,
} from '../../shared/wire/rounds-codec.ts';
import {
  encodeAgreement,
  encodeConfirmation,
  encodeMaskedManifest,
  encodeSharedSecrets,
  encodeSharesMessage,
} from '../../shared/wire/secure-codec.ts';

const SID = sha256('session');
const bytes = (length: number) => new Uint8Array(length).fill(255);
const BOX_OVERHEAD = 40;

/** What a session's stages carry between a coordinator and its sites, each of them with every block. */
function session(sites: readonly SiteId[], blocks: readonly BlockId[]) {
  const each = <Part>(body: (site: SiteId) => Uint8Array, as: (all: readonly object[]) => Part) =>
    as(sites.map((site) => ({ site, body: body(site), signature: bytes(64) })));
  const perBlock = <Fields>(fields: Fields) => blocks.map((block) => ({ block, ...fields }));
  const secrets = (from: SiteId) =>
    encodeSharedSecrets({
      transcript: SID,
      from,
      to: from,
      blocks: perBlock({ keyShare: bytes(33), seedShare: bytes(33) }),
    });
  const sealed = bytes(secrets(sites[0] as SiteId).length + BOX_OVERHEAD);
  const bits = bytes(Math.ceil(sites.length / 8));
  const confirmation = encodeConfirmation({ session: SID, blocks: perBlock({ holders: bits }) });
  const manifest = encodeMaskedManifest({
    session: SID,
    blocks: perBlock({ cohort: SID, length: 2 ** 31, vector: SID }),
  });
  const agreement = encodeAgreement({
    session: SID,
    transcript: SID,
    blocks: perBlock({ survivors: bits }),
  });
  const tasks = [
    {
      kind: 'confirm',
      deliveries: sites.map((from) => ({
        from,
        transcriptSignature: bytes(64),
        sealed,
        commitments: perBlock({ keyShare: bytes(32), seedShare: bytes(32) }),
      })),
    },
    each(
      () => confirmation,
      (confirmations) => ({ kind: 'mask', confirmations }),
    ),
    {
      kind: 'agree',
      ...each(
        () => confirmation,
        (confirmations) => ({ confirmations }),
      ),
      ...each(
        () => manifest,
        (manifests) => ({ manifests }),
      ),
    },
    each(
      () => agreement,
      (agreements) => ({ kind: 'unmask', agreements }),
    ),
  ] as SecureTask[];
  const rows = 32 * sites.length;
  const shares = encodeSharesMessage({
    session: SID,
    transcriptSignature: bytes(64),
    boxes: sites.slice(1).map((peer) => ({ peer, sealed })),
    commitments: perBlock({ seed: bytes(32), keyShares: bytes(rows), seedShares: bytes(rows) }),
  });
  return { tasks, shares };
}

const idsOf = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => siteId(String(i).padStart(length, 'x')));
const blocksOf = (count: number) =>
  Array.from({ length: count }, (_, i) => encoderBlock(modalityId(`modality-${i}`)));

function replyTo(site: SiteId, task: SecureTask): Uint8Array {
  const instruction: Instruction = { kind: 'secure', round: 1, session: SID, task };
  const content = encodeAddressedInstruction({ studyHash: SID, site, instruction });
  return encodeAwaitInstructionReply({ kind: 'instruction', content, signature: bytes(64) });
}

function requireArrival(site: SiteId, tasks: readonly SecureTask[]): void {
  const { maxReplyBytes } = METHODS['/consilium.v1.RoundsService/AwaitInstruction'];
  for (const task of tasks) {
    const reply = replyTo(site, task);
    expect(reply.length).toBeLessThan(maxReplyBytes);
    const read = decodeAwaitInstructionReply(reply);
    if (read.kind !== 'instruction') throw new Error('expected an instruction');
    const { instruction } = decodeAddressedInstruction(read.content);
    expect(instruction.kind === 'secure' && instruction.task.kind).toBe(task.kind);
  }
}

describe('the messages of a secure session', () => {
  it.each([
    ['64 sites with 5 blocks', idsOf(64, 16), blocksOf(5)],
    ['255 sites with 16 blocks and the longest ids', idsOf(255, 64), blocksOf(16)],
  ])('of %s stay below the limits of their calls, and arrive as they were', (_name, sites, blocks) => {
    const { tasks, shares } = session(sites, blocks);
    const site = sites[0] as SiteId;
    requireArrival(site, tasks);
    const { maxRequestBytes } = METHODS['/consilium.v1.RoundsService/SubmitSecure'];
    const message = { site, body: shares, signature: bytes(64) };
    const submission = { studyHash: SID, site, round: 1, session: SID, message, contentHash: SID };
    expect(encodeSecureSubmission(submission).length).toBeLessThan(maxRequestBytes);
  });

  it('of 255 sites with 64 blocks, all ids the longest, stay below what AwaitInstruction brings', () => {
    const sites = idsOf(255, 64);
    const longest = Array.from({ length: 64 }, (_, i) =>
      encoderBlock(modalityId(String(i).padStart(64, 'x'))),
    );
    requireArrival(sites[0] as SiteId, session(sites, longest).tasks);
  });
});
