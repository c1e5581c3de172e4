import { beforeAll, describe, expect, it } from 'vitest';
import { receive } from '../../server/secagg/receive.ts';
import {
  awaited,
  type CoordinatorSession,
  closeStage,
  openSession,
  withdraw,
} from '../../server/secagg/session.ts';
import { taskFor } from '../../server/secagg/tasks.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { Confirmation, SecureMessage } from '../../shared/protocol/secure-session.ts';
import {
  decodeAdvertisement,
  decodeAgreement,
  decodeConfirmation,
  decodeMaskedManifest,
  decodeSharesMessage,
  encodeAdvertisement,
  encodeAgreement,
  encodeConfirmation,
  encodeMaskedManifest,
  encodeSharesMessage,
} from '../../shared/wire/secure-codec.ts';
import { blockOf, CT, flipped, LABS, MESSAGE_TYPES, signedBy, sitesOf } from '../helpers/secure-attacks.ts';
import {
  type AskedStage,
  hash,
  play,
  type SessionEntry,
  type SessionOfSites,
  STAGES,
  sessionOf,
  site,
} from '../helpers/secure-session.ts';

/** Four sites, t = 3, of which the first three hold CT and all hold LABS; what they sent in a session that went well. */
let session: SessionOfSites;
let log: readonly SessionEntry[];

beforeAll(async () => {
  const sites = sitesOf(4);
  session = sessionOf(sites, [blockOf(CT, sites.slice(0, 3)), blockOf(LABS, sites)]);
  const entries: SessionEntry[] = [];
  await play(session, { log: entries });
  log = entries;
});

/** The session as that stage opens. */
function opened(stage: AskedStage): CoordinatorSession {
  let state = openSession(session.context, sitesOf(4), 0);
  while (state.stage !== stage) {
    for (const each of log) if (each.stage === state.stage) state = taking(state, each.message);
    state = closeStage(state, session.keyOf, 0);
  }
  return state;
}

function taking(state: CoordinatorSession, message: SecureMessage): CoordinatorSession {
  const reception = receive(state, message, session.keyOf);
  if (reception.kind !== 'taken') throw new Error(`expected taken, got ${reception.kind}`);
  return reception.next;
}

function sent(stage: AskedStage, id: SiteId = site(1)): SecureMessage {
  const entry = log.find((each) => each.stage === stage && each.message.site === id);
  if (entry === undefined) throw new Error(`${id} sent nothing in ${stage}`);
  return entry.message;
}

/** Another content for the stage under the site's own signature. */
function another<Content extends { readonly session: string }>(
  stage: AskedStage,
  codec: {
    readonly decode: (bytes: Uint8Array) => Content;
    readonly encode: (content: Content) => Uint8Array;
  },
  change: (content: Content) => Content,
): SecureMessage {
  const message = sent(stage);
  const content = codec.decode(message.body);
  const place = { type: MESSAGE_TYPES[stage] as 'shares', session: content.session as never };
  return signedBy(session, message, place, codec.encode(change(content)));
}

const shares = { decode: decodeSharesMessage, encode: encodeSharesMessage };
const manifest = { decode: decodeMaskedManifest, encode: encodeMaskedManifest };
const confirmation = { decode: decodeConfirmation, encode: encodeConfirmation };
const advertisement = { decode: decodeAdvertisement, encode: encodeAdvertisement };
const agreement = { decode: decodeAgreement, encode: encodeAgreement };

/** The confirmation with other bits for its first block. */
function withBits(holders: Uint8Array) {
  return (own: Confirmation): Confirmation => ({
    ...own,
    blocks: own.blocks.map((each, i) => (i === 0 ? { ...each, holders } : each)),
  });
}

describe('receive', () => {
  it.each(STAGES)('knows a message of %s again, in that stage and in every later one', (stage) => {
    let state = taking(opened(stage), sent(stage));
    expect(receive(state, sent(stage), session.keyOf)).toEqual({ kind: 'known' });
    for (const later of STAGES.slice(STAGES.indexOf(stage) + 1)) {
      state = opened(later);
      expect(receive(state, sent(stage), session.keyOf)).toEqual({ kind: 'known' });
    }
  });

  it.each(STAGES)('calls a second content of %s that the site signed equivocation', (stage) => {
    const state = taking(opened(stage), sent(stage));
    const type = MESSAGE_TYPES[stage] as 'shares';
    const second = signedBy(session, sent(stage), { type, session: state.session }, Uint8Array.of(1, 2, 3));
    expect(() => receive(state, second, session.keyOf)).toThrow(
      expect.objectContaining({ code: 'EQUIVOCATION' }),
    );
  });

  it.each(STAGES)('does not hold a second content of %s that others made up against the site', (stage) => {
    const state = taking(opened(stage), sent(stage));
    const forged = { ...sent(stage), body: Uint8Array.of(1, 2, 3) };
    const outcome = () => receive(state, forged, session.keyOf);
    // Once the site's word is in, nothing is awaited of it.
    expect(outcome()).toEqual({ kind: 'late' });
  });

  it.each(STAGES)('refuses a message of %s under another signature and is as it was', (stage) => {
    const state = opened(stage);
    const message = sent(stage);
    const bad = { ...message, signature: flipped(message.signature, 77) };
    expect(() => receive(state, bad, session.keyOf)).toThrow(/a signature by the key in the roster/);
    expect(taking(state, message).stage).toBe(stage);
  });

  it.each(STAGES)('refuses a message of %s by a site that the roster does not have', (stage) => {
    expect(() => receive(opened(stage), sent(stage), () => undefined)).toThrow(
      /a signature by the key in the roster/,
    );
  });

  it.each(STAGES)('is late for a site that is not asked in %s', (stage) => {
    const stranger = { ...sent(stage), site: 'zz-stranger' as SiteId };
    expect(receive(opened(stage), stranger, session.keyOf)).toEqual({ kind: 'late' });
    expect(taskFor(opened(stage), stranger.site)).toBeUndefined();
  });

  it.each(STAGES)('is late for a site that withdrew in %s, and takes what the others send', (stage) => {
    const state = withdraw(opened(stage), site(1));
    expect(receive(state, sent(stage), session.keyOf)).toEqual({ kind: 'late' });
    expect(taskFor(state, site(1))).toBeUndefined();
    expect(awaited(taking(state, sent(stage, site(2))))).toEqual([site(0), site(3)]);
  });

  it('is late for everyone once the session has failed', () => {
    const failed = openSession(session.context, [], 0);
    expect(receive(failed, sent('advertising'), session.keyOf)).toEqual({ kind: 'late' });
    expect(taskFor(failed, site(1))).toBeUndefined();
  });

  it.each([
    [
      'another session in it',
      () => another('advertising', advertisement, (own) => ({ ...own, session: hash('other') })),
      'advertising',
      /advertisement: expected session|signature/,
    ],
    [
      'a block that the session does not have',
      () =>
        another('advertising', advertisement, (own) => ({
          ...own,
          blocks: own.blocks.map((each, i) => (i === 0 ? { ...each, block: 'encoder:a' as never } : each)),
        })),
      'advertising',
      /blocks of the session, got encoder:a/,
    ],
    [
      'blocks out of order',
      () => another('advertising', advertisement, (own) => ({ ...own, blocks: [...own.blocks].reverse() })),
      'advertising',
      /each once, in order/,
    ],
    [
      'boxes for other peers',
      () => another('sharing', shares, (own) => ({ ...own, boxes: own.boxes.slice(1) })),
      'sharing',
      /boxes: expected for site-000, site-002/,
    ],
    [
      'commitments of other blocks',
      () => another('sharing', shares, (own) => ({ ...own, commitments: own.commitments.slice(1) })),
      'sharing',
      /commitments: expected for encoder:ct, encoder:labs/,
    ],
    [
      'a commitment to a key share too few',
      () =>
        another('sharing', shares, (own) => ({
          ...own,
          commitments: own.commitments.map((each) => ({ ...each, keyShares: each.keyShares.subarray(32) })),
        })),
      'sharing',
      /expected 128 bytes, got 96 and 128/,
    ],
    [
      'a commitment to a seed share too few',
      () =>
        another('sharing', shares, (own) => ({
          ...own,
          commitments: own.commitments.map((each) => ({ ...each, seedShares: each.seedShares.subarray(32) })),
        })),
      'sharing',
      /expected 128 bytes, got 128 and 96/,
    ],
    [
      'a signature on another transcript',
      () => another('sharing', shares, (own) => ({ ...own, transcriptSignature: new Uint8Array(64) })),
      'sharing',
      /transcript: expected a signature/,
    ],
    [
      'a bit behind those of the participants',
      () => another('confirming', confirmation, withBits(Uint8Array.of(0b1_0111))),
      'confirming',
      /confirmed for encoder:ct: expected bits of 4 participants, zeros behind them/,
    ],
    [
      'bits of more participants',
      () => another('confirming', confirmation, withBits(Uint8Array.of(0b111, 0))),
      'confirming',
      /confirmed for encoder:ct: expected 1 bytes of bits, got 2 bytes/,
    ],
    [
      'no bits',
      () => another('confirming', confirmation, withBits(new Uint8Array(0))),
      'confirming',
      /expected 1 bytes of bits, got 0 bytes/,
    ],
    [
      'a block confirmed twice',
      () =>
        another('confirming', confirmation, (own) => ({ ...own, blocks: [...own.blocks, ...own.blocks] })),
      'confirming',
      /each once, in order/,
    ],
    [
      'a block masked twice',
      () => another('masking', manifest, (own) => ({ ...own, blocks: [...own.blocks, ...own.blocks] })),
      'masking',
      /each once, in order/,
    ],
    [
      'a block that the session does not have',
      () =>
        another('masking', manifest, (own) => ({
          ...own,
          blocks: own.blocks.map((each, i) => (i === 1 ? { ...each, block: 'encoder:mr' as never } : each)),
        })),
      'masking',
      /a block whose cohort the site is in/,
    ],
    [
      'another cohort',
      () =>
        another('masking', manifest, (own) => ({
          ...own,
          blocks: own.blocks.map((each) => ({ ...each, cohort: hash('cohort') })),
        })),
      'masking',
      /cohort: expected/,
    ],
    [
      'another length',
      () =>
        another('masking', manifest, (own) => ({
          ...own,
          blocks: own.blocks.map((each) => ({ ...each, length: 5 })),
        })),
      'masking',
      /length: expected 4, got 5/,
    ],
    [
      'another list of survivors',
      () => another('agreeing', agreement, (own) => ({ ...own, blocks: own.blocks.slice(1) })),
      'agreeing',
      /the list that follows from the manifests/,
    ],
  ] as const)('refuses a message with %s, though the site signed it', (_what, make, stage, expected) => {
    expect(() => receive(opened(stage), make(), session.keyOf)).toThrow(expected);
  });

  it.each([
    ['sharing', shares],
    ['confirming', confirmation],
    ['masking', manifest],
  ] as const)('refuses a message of %s that names another session in its body alone', (stage, codec) => {
    const { session: id } = codec.decode(sent(stage).body);
    const content = { ...codec.decode(sent(stage).body), session: hash('other') };
    const body = codec.encode(content as never);
    const message = signedBy(
      session,
      sent(stage),
      { type: MESSAGE_TYPES[stage] as 'shares', session: id },
      body,
    );
    expect(() => receive(opened(stage), message, session.keyOf)).toThrow(/expected session/);
  });

  it('refuses an advertisement that names another session in its body alone', () => {
    const content = { ...decodeAdvertisement(sent('advertising').body), session: hash('other') };
    const place = { type: 'advertisement', session: opened('advertising').session } as const;
    const message = signedBy(session, sent('advertising'), place, encodeAdvertisement(content));
    expect(() => receive(opened('advertising'), message, session.keyOf)).toThrow(
      /advertisement: expected session/,
    );
  });

  it('refuses a vector of a block that the site does not hold', () => {
    const own = decodeMaskedManifest(sent('masking', site(3)).body);
    const [first] = own.blocks as [(typeof own.blocks)[number]];
    const others = decodeMaskedManifest(sent('masking').body).blocks.filter(({ block }) => block === CT);
    const body = encodeMaskedManifest({ ...own, blocks: [...others, first] });
    const message = signedBy(session, { site: site(3) }, { type: 'masked', session: own.session }, body);
    expect(() => receive(opened('masking'), message, session.keyOf)).toThrow(
      /site-003: encoder:ct: expected a block whose cohort the site is in/,
    );
  });
});
