import fc from 'fast-check';
import type { BlockId, ContentHash, ModalityId, SiteId, StudyId } from '../../shared/core/ids.ts';
import { RISK_BINS, SCORE_BINS, TIME_BINS } from '../../shared/metrics/sums.ts';
import { CHUNK_BYTES, chunkCount } from '../../shared/protocol/transfer.ts';
import * as censusCodec from '../../shared/wire/census-codec.ts';
import * as enrollmentCodec from '../../shared/wire/enrollment-codec.ts';
import * as envelopeCodec from '../../shared/wire/envelope-codec.ts';
import * as evaluationCodec from '../../shared/wire/evaluation-codec.ts';
import * as operatorCodec from '../../shared/wire/operator-codec.ts';
import * as reportCodec from '../../shared/wire/round-report-codec.ts';
import * as roundsCodec from '../../shared/wire/rounds-codec.ts';
import * as secureCodec from '../../shared/wire/secure-codec.ts';
import * as sessionCodec from '../../shared/wire/session-codec.ts';
import * as studyCodec from '../../shared/wire/study-codec.ts';
import * as transferCodec from '../../shared/wire/transfer-codec.ts';

/** A message of the contract: its codec, and values that it must carry. */
export interface WireMessage {
  readonly name: string;
  readonly values: fc.Arbitrary<unknown>;
  readonly encode: (value: unknown) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
}

const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,12}$/);
const site = name as fc.Arbitrary<SiteId>;
const study = name as fc.Arbitrary<StudyId>;
const modality = name as fc.Arbitrary<ModalityId>;
const block = fc.oneof(
  fc.constant('joint'),
  name.map((id) => `encoder:${id}`),
) as fc.Arbitrary<BlockId>;
const bytesOfLength = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hash = bytesOfLength(32).map((bytes) => Buffer.from(bytes).toString('hex') as ContentHash);
const signature = bytesOfLength(64);
const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => Buffer.byteLength(value) <= 60);
const someBytes = fc.uint8Array({ maxLength: 50 });
/** Of up to 255 participants. */
const siteBits = fc.uint8Array({ maxLength: 32 });
const uint32 = fc.nat(2 ** 31 - 1).chain((low) => fc.constantFrom(low, low + 2 ** 31));
const uint64 = fc.maxSafeNat();
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const numbers = fc.array(finite, { maxLength: 6 });
const mapOf = <Key, Value>(key: fc.Arbitrary<Key>, value: fc.Arbitrary<Value>) =>
  fc.array(fc.tuple(key, value), { maxLength: 5 }).map((entries) => new Map(entries));

const arraysOf = (count: number) =>
  fc
    .nat(4)
    .chain((length) =>
      fc.tuple(
        ...Array.from({ length: count }, () =>
          fc.float64Array({ minLength: length, maxLength: length, noNaN: true, noDefaultInfinity: true }),
        ),
      ),
    );

/** Mostly 0, as bins are, or full. */
const cells = (length: number) =>
  fc.oneof(
    fc.array(fc.tuple(fc.nat(length - 1), finite), { maxLength: 20 }).map((entries) => {
      const values = new Float64Array(length);
      for (const [position, value] of entries) values[position] = value;
      return values;
    }),
    finite.map((value) => new Float64Array(length).fill(value)),
  );

const declaration = fc.record(
  {
    site,
    studyHash: hash,
    patients: uint64,
    modalityPatients: mapOf(modality, uint64),
    moments: mapOf(
      modality,
      arraysOf(3).map(([count, sum, sumSquares]) => ({ count, sum, sumSquares })),
    ),
    classCounts: numbers,
    target: fc.record({ count: finite, sum: finite, sumSquares: finite }),
    fromRound: uint32,
  },
  {
    requiredKeys: [
      'site',
      'studyHash',
      'patients',
      'modalityPatients',
      'moments',
      'classCounts',
      'fromRound',
    ],
  },
);

const census = fc.record({
  normalization: fc.record(
    {
      features: mapOf(
        modality,
        arraysOf(2).map(([mean, deviation]) => ({ mean, deviation })),
      ),
      target: fc.record({ mean: finite, deviation: finite }),
    },
    { requiredKeys: ['features'] },
  ),
  classWeights: numbers,
  registeredWeights: mapOf(block, uint64),
  rarity: mapOf(block, finite),
});

const part = fc.constantFrom('validation', 'test');

const purpose = fc.constantFrom('census', 'train', 'evaluate', 'vote', 'final-test');

const secureBlock = fc
  .record({
    block,
    length: uint32,
    clip: finite,
    registered: uint64,
    censusEpoch: uint32,
    kMin: uint32,
    base: hash,
  })
  .chain((terms) =>
    fc.oneof(
      fc.constant(terms),
      fc
        .record({ transcript: hash, sum: hash, weight: uint64, survivors: fc.array(site, { maxLength: 3 }) })
        .map((earlier) => ({ ...terms, earlier })),
    ),
  );

const secureContext = fc.record(
  {
    studyHash: hash,
    round: uint32,
    attempt: uint32,
    purpose,
    iteration: uint32,
    rosterVersion: uint64,
    modelHash: hash,
    blocks: fc.array(secureBlock, { maxLength: 3 }),
  },
  { requiredKeys: ['studyHash', 'round', 'attempt', 'purpose', 'rosterVersion', 'modelHash', 'blocks'] },
);

const secureMessage = fc.record({ site, body: someBytes, signature });
const secureMessages = fc.array(secureMessage, { maxLength: 3 });
const rowsOf = (width: number) => fc.nat(3).chain((rows) => bytesOfLength(width * rows));
const ofBlock = <Fields extends object>(fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> }) =>
  fc.array(fc.record({ block, ...fields }), { maxLength: 3 });

const delivery = fc.record({
  from: site,
  transcriptSignature: signature,
  sealed: someBytes,
  commitments: ofBlock({ keyShare: bytesOfLength(32), seedShare: bytesOfLength(32) }),
});

const secureTask = fc.oneof(
  fc.record({ kind: fc.constant('advertise'), context: secureContext }),
  fc.record({ kind: fc.constant('share'), advertisements: secureMessages }),
  fc.record({ kind: fc.constant('confirm'), deliveries: fc.array(delivery, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('mask'), confirmations: secureMessages }),
  fc.record({ kind: fc.constant('agree'), confirmations: secureMessages, manifests: secureMessages }),
  fc.record({ kind: fc.constant('unmask'), agreements: secureMessages }),
);

const instruction = fc.oneof(
  fc.constant({ kind: 'census' }),
  fc.record({
    kind: fc.constant('train'),
    round: uint32,
    blocks: mapOf(block, hash),
    solo: mapOf(block, hash),
    weights: mapOf(block, uint64),
    clips: mapOf(block, finite),
    census,
  }),
  fc.record({
    kind: fc.constant('evaluate'),
    round: uint32,
    part,
    subsets: fc.array(fc.array(modality, { maxLength: 4 }), { maxLength: 5 }),
    blocks: mapOf(block, hash),
    census,
  }),
  fc.record({ kind: fc.constant('secure'), round: uint32, session: hash, task: secureTask }),
  fc.record({ kind: fc.constant('finished'), reason: fc.constantFrom('complete', 'aborted') }),
);

const receipt = fc.oneof(
  fc.constantFrom({ kind: 'accepted' }, { kind: 'duplicate' }),
  fc.record({ kind: fc.constant('late'), openRound: uint32 }),
  fc.record({ kind: fc.constant('refused'), code: fc.constant('BAD_CONTRIBUTION'), reason: text }),
);

const outputs = fc.array(
  fc.record({
    positive: cells(SCORE_BINS),
    negative: cells(SCORE_BINS),
    scoreSum: cells(SCORE_BINS),
    squaredError: finite,
    logLoss: finite,
  }),
  { maxLength: 3 },
);

const sums = fc.oneof(
  fc.constant(undefined),
  outputs.chain((scores) =>
    fc.record({
      kind: fc.constant('class'),
      patients: uint64,
      correct: finite,
      outputs: fc.constant(scores),
      calls: scores.length === 0 ? fc.constant(new Float64Array(0)) : cells(3 * scores.length),
    }),
  ),
  fc.record({
    kind: fc.constant('regression'),
    patients: uint64,
    sumTruth: finite,
    sumTruthSquares: finite,
    squaredError: finite,
    absoluteError: finite,
  }),
  fc.record({
    kind: fc.constant('survival'),
    patients: uint64,
    events: uint64,
    comparable: finite,
    concordant: finite,
    grid: cells(2 * RISK_BINS * TIME_BINS),
  }),
);

const evaluation = fc.record({
  site,
  studyHash: hash,
  round: uint32,
  part,
  subsets: fc.array(sums, { maxLength: 4 }),
});

const role = fc.constantFrom('site', 'coordinator', 'officer', 'lead', 'operator');

const signedRequest = fc.record({
  envelope: fc.record({
    version: fc.constant(1),
    consortium: name,
    role,
    sender: name,
    rosterVersion: uint64,
    method: text,
    session: fc.oneof(fc.constant(new Uint8Array(0)), bytesOfLength(16)),
    seq: uint64,
    timeMs: uint64,
    bodyHash: hash,
    signature,
  }),
  body: someBytes,
});

const signedReply = fc.record({
  envelope: fc.record({
    version: fc.constant(1),
    consortium: name,
    requestHash: hash,
    rosterVersion: uint64,
    timeMs: uint64,
    bodyHash: hash,
    signature,
  }),
  body: someBytes,
});

const lasting = fc.record({ content: someBytes, signature });

const chunkOffset = fc.nat(2 ** 20).map((chunks) => chunks * CHUNK_BYTES);
const chunk = fc.record({
  kind: fc.constant('chunk'),
  offset: chunkOffset,
  data: fc.uint8Array({ minLength: 1, maxLength: 50 }),
});

/** Blocks of at most 2^20 values, so that their chunks can be listed. */
const updateHeader = fc.uniqueArray(
  fc.record({
    block,
    weight: uint32,
    steps: uint32,
    clipped: fc.boolean(),
    values: fc.nat(2 ** 20),
  }),
  { maxLength: 4, selector: (header) => header.block },
);

const upload = fc.oneof(
  fc.record({ blocks: updateHeader, loss: finite }).map(({ blocks, loss }) => ({
    content: { kind: 'update', blocks, loss },
    totalBytes: blocks.reduce((sum, header) => sum + 4 * header.values, 0),
  })),
  fc.record({ session: hash, blocks: updateHeader }).map(({ session, blocks }) => ({
    content: {
      kind: 'masked',
      session,
      blocks: blocks.map(({ block: id, values }) => ({ block: id, values })),
    },
    totalBytes: blocks.reduce((sum, header) => sum + 4 * header.values, 0),
  })),
  fc.record({
    content: fc.record({ kind: fc.constant('evaluation'), part }),
    totalBytes: fc.nat(2 ** 22),
  }),
);

const manifest = fc
  .tuple(upload, fc.record({ studyHash: hash, site, round: uint32, contentHash: hash }), hash)
  .map(([{ content, totalBytes }, head, chunkHash]) => ({
    ...head,
    content,
    totalBytes,
    chunkHashes: Array.from({ length: chunkCount(totalBytes) }, () => chunkHash),
  }));

const ofRound = { studyHash: hash, site, round: uint32 };
const committed = fc.record({ ...ofRound, contentHash: hash });
const protocol = fc.tuple(fc.nat(100), fc.nat(100)).map(([a, b]) => ({ min: a + 1, max: a + 1 + b }));

const summary = fc.record({
  studyHash: hash,
  study,
  lead: name,
  phase: fc.constantFrom(
    'declaring',
    'idle',
    'training',
    'securing',
    'merging',
    'evaluating',
    'paused',
    'complete',
    'aborted',
  ),
  round: uint32,
  rounds: uint32,
  modelHash: hash,
  reason: text,
});

const privacyStatement = fc.record({
  site,
  studyHash: hash,
  mode: fc.constant('record'),
  unit: fc.constant('patient'),
  delta: fc.constantFrom(0.1, 1e-5, 5e-324),
  multiplier: fc.constantFrom(undefined, 0.5, 1e300),
  epsilonBand: fc.constantFrom(0.5, 1, 2, 3, 5, 8, 10, 15, 1000),
});

const siteSummary = fc.record({
  site,
  standing: fc.constantFrom(
    'registered',
    'configured',
    'training',
    'trained',
    'uploaded',
    'merged',
    'declined',
    'away',
    'vanished',
    'refused',
    'late',
  ),
  ageMs: uint64,
  step: uint32,
  totalSteps: uint32,
  reason: text,
  blocks: fc.array(block, { maxLength: 4 }),
  privacy: fc.option(privacyStatement, { nil: undefined }),
});

const status = fc.record({ summary, sites: fc.array(siteSummary, { maxLength: 4 }) });
const signedStudy = fc.record({ document: someBytes, lead: name, signature });

const roundReport = fc.record({
  round: uint32,
  outcome: fc.constantFrom('committed', 'failed'),
  blocks: fc.array(
    fc.record({
      block,
      outcome: fc.oneof(
        fc.record({ kind: fc.constant('merged'), deltaNorm: finite, stepNorm: finite, scale: finite }),
        fc.record(
          {
            kind: fc.constant('kept'),
            reason: fc.constantFrom('no-holder', 'stays-at-site', 'below-quorum', 'out-of-range'),
            detail: text.filter((detail) => detail !== ''),
          },
          { requiredKeys: ['kind', 'reason'] },
        ),
      ),
      contributors: fc.array(site, { maxLength: 4 }),
      clipped: uint32,
      saturated: uint32,
      singleton: fc.option(site, { nil: undefined }),
    }),
    { maxLength: 4 },
  ),
  missing: fc.array(
    fc.record({
      site,
      reason: fc.oneof(
        fc.constantFrom('declined', 'vanished'),
        text.map((why) => `refused: ${why}`),
      ),
    }),
    { maxLength: 4 },
  ),
  loss: fc.option(finite, { nil: undefined }),
  closedBy: fc.constantFrom('all-in', 'quorum-and-grace', 'deadline'),
  durationMs: finite,
  modelHash: hash,
  validationScore: fc.option(finite, { nil: undefined }),
});

const certificate = fc.record({ chain: fc.array(someBytes, { maxLength: 4 }) });
const none = fc.constant(undefined);

/** Values of every message that travels by itself, by its name in the contract. */
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  SignedRequest: signedRequest,
  SignedReply: signedReply,
  LastingSignature: lasting,
  Done: none,
  Declaration: declaration,
  CensusResult: census,
  Evaluation: evaluation,
  AddressedInstruction: fc.record({ studyHash: hash, site, instruction }),
  AwaitInstructionRequest: fc.record({ studyHash: hash, site }),
  AwaitInstructionReply: fc.oneof(
    fc.constant({ kind: 'nothing-yet' }),
    lasting.map((signed) => ({ kind: 'instruction', ...signed })),
  ),
  CommitRequest: committed,
  FetchRecordsRequest: fc.record({ studyHash: hash, site, afterRound: uint32 }),
  FetchRecordsReply: fc.record({ records: fc.array(lasting, { maxLength: 3 }) }),
  ReadyNotice: fc.record({ ...ofRound, purpose, blocks: fc.array(block, { maxLength: 4 }) }),
  SecureSubmission: fc.record({
    ...ofRound,
    session: hash,
    message: secureMessage,
    contentHash: fc.option(hash, { nil: undefined }),
  }),
  Receipt: receipt,
  DeclineRequest: fc.record(ofRound),
  PrivacyStatement: privacyStatement,
  ProgressRequest: fc.record({ ...ofRound, step: uint32, totalSteps: uint32 }),
  FetchBlockRequest: fc.record({ studyHash: hash, blockHash: hash, offset: chunkOffset }),
  FetchBlockHeader: fc.record({ blockHash: hash, totalBytes: uint64, offset: chunkOffset }),
  FetchBlockResponse: fc.oneof(
    signedReply.map((reply) => ({ kind: 'header', ...reply })),
    chunk,
  ),
  UploadManifest: manifest,
  UploadRequest: fc.oneof(
    signedRequest.map((request) => ({ kind: 'manifest', ...request })),
    chunk,
  ),
  UploadProgressRequest: committed,
  UploadProgress: fc.record({ contentHash: hash, durableBytes: uint64 }),
  ChallengeRequest: none,
  ChallengeReply: fc.record({ challenge: bytesOfLength(32) }),
  OpenSessionRequest: fc.record({ challenge: bytesOfLength(32), protocol, software: text }),
  OpenSessionReply: fc.record({
    session: bytesOfLength(16),
    fence: uint64,
    expiresMs: uint64,
    protocol,
    version: uint32,
    heads: fc.array(lasting, { maxLength: 3 }),
    software: text,
  }),
  CloseSessionRequest: none,
  AuditHead: fc.record({ seq: uint64, head: hash, timeMs: uint64, signature }),
  StudyHead: fc.record({
    studyHash: hash,
    round: uint32,
    modelHash: hash,
    eventSeq: uint64,
    eventHash: hash,
    timeMs: uint64,
  }),
  ListStudiesRequest: none,
  ListStudiesReply: fc.record({ studies: fc.array(summary, { maxLength: 4 }) }),
  FetchStudyRequest: fc.record({ studyHash: hash }),
  SignedStudy: signedStudy,
  Approval: fc.record({ site, studyHash: hash, policyHash: hash, untilMs: uint64, signature }),
  Withdrawal: fc.record({ site, studyHash: hash }),
  RollbackConsent: fc.record(ofRound),
  RoundReport: roundReport,
  StartStudyRequest: fc.record({ study: signedStudy, sites: fc.array(site, { maxLength: 4 }) }),
  StudyCommand: fc.record({ studyHash: hash, reason: text }),
  FetchStatusRequest: fc.record({ studyHash: hash }),
  StudyStatus: status,
  WatchStudyRequest: fc.record({ studyHash: hash, afterSeq: uint64 }),
  WatchStudyReply: fc.record({ seq: uint64, status, rounds: fc.array(roundReport, { maxLength: 3 }) }),
  SecureContext: secureContext,
  SecureMessage: secureMessage,
  SecureTask: secureTask,
  Advertisement: fc.record({
    session: hash,
    boxKey: bytesOfLength(32),
    blocks: ofBlock({ maskKey: bytesOfLength(32), kMin: uint32 }),
  }),
  SharesMessage: fc.record({
    session: hash,
    transcriptSignature: signature,
    boxes: fc.array(fc.record({ peer: site, sealed: someBytes }), { maxLength: 3 }),
    commitments: ofBlock({ seed: bytesOfLength(32), keyShares: rowsOf(32), seedShares: rowsOf(32) }),
  }),
  SharedSecrets: fc.record({
    transcript: hash,
    from: site,
    to: site,
    blocks: ofBlock({ keyShare: bytesOfLength(33), seedShare: bytesOfLength(33) }),
  }),
  Confirmation: fc.record({ session: hash, blocks: ofBlock({ holders: siteBits }) }),
  MaskedManifest: fc.record({
    session: hash,
    blocks: ofBlock({ cohort: hash, length: uint32, vector: hash }),
  }),
  Agreement: fc.record({
    session: hash,
    transcript: hash,
    blocks: ofBlock({ survivors: siteBits }),
  }),
  Unmasking: fc.record({ session: hash, blocks: ofBlock({ shares: rowsOf(33) }) }),
  FetchRostersRequest: fc.record({ afterVersion: uint64 }),
  FetchRostersReply: fc.record({ rosters: fc.array(someBytes, { maxLength: 3 }), more: fc.boolean() }),
  EnrollmentRequest: fc.record({
    site,
    identityKey: bytesOfLength(32),
    certificateRequest: someBytes,
    token: bytesOfLength(32),
    previousSignature: fc.option(signature, { nil: undefined }),
  }),
  AwaitCertificateRequest: fc.record({ site, identityKey: bytesOfLength(32) }),
  AwaitCertificateReply: fc.oneof(
    fc.constant({ kind: 'not-yet-signed' }),
    certificate.map((issued) => ({ kind: 'certificate', ...issued })),
  ),
  RenewCertificateRequest: fc.record({ certificateRequest: someBytes }),
  Certificate: certificate,
  Invitation: fc.record({ site, tokenHash: hash, expiresMs: uint64 }),
  ListEnrollmentsRequest: none,
  ListEnrollmentsReply: fc.record({
    pending: fc.array(
      fc.record({ site, identityKey: bytesOfLength(32), tlsKey: someBytes, timeMs: uint64 }),
      { maxLength: 3 },
    ),
  }),
  PublishRosterRequest: fc.record({ roster: someBytes }),
  PublishRosterReply: fc.record({ version: uint64, inForce: fc.boolean() }),
};

const CODECS: Readonly<Record<string, unknown>> = {
  ...censusCodec,
  ...enrollmentCodec,
  ...envelopeCodec,
  ...evaluationCodec,
  ...operatorCodec,
  ...reportCodec,
  ...roundsCodec,
  ...secureCodec,
  ...sessionCodec,
  ...studyCodec,
  ...transferCodec,
};

export const WIRE_MESSAGES: readonly WireMessage[] = Object.entries(VALUES).map(([message, values]) => ({
  name: message,
  values,
  encode: CODECS[`encode${message}`] as WireMessage['encode'],
  decode: CODECS[`decode${message}`] as WireMessage['decode'],
}));

/** Names of the messages that the codecs offer to decode. */
export const DECODED: readonly string[] = Object.keys(CODECS)
  .filter((key) => key.startsWith('decode'))
  .map((key) => key.slice('decode'.length));
