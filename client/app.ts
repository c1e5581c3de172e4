import { setTimeout as pause } from 'node:timers/promises';
import { openWitness } from '../shared/audit/witness.ts';
import type { Clock } from '../shared/core/clock.ts';
import { ConsiliumError } from '../shared/core/errors.ts';
import type { ContentHash } from '../shared/core/ids.ts';
import type { Log } from '../shared/core/log.ts';
import type { TlsKey } from '../shared/crypto/certificates.ts';
import { renewalTime } from '../shared/crypto/renewal.ts';
import type { Membership } from '../shared/identity/membership.ts';
import { coordinatorOf } from '../shared/identity/roster.ts';
import type { Signer } from '../shared/identity/signer.ts';
import type { StudySummary } from '../shared/protocol/study-status.ts';
import { decodeFetchRostersReply, encodeFetchRostersRequest } from '../shared/wire/enrollment-codec.ts';
import { decodeSignedReply, encodeSignedRequest } from '../shared/wire/envelope-codec.ts';
import { encodeCloseSessionRequest } from '../shared/wire/session-codec.ts';
import { decodeListStudiesReply, encodeListStudiesRequest } from '../shared/wire/study-codec.ts';
import { auditExchange, EXCHANGE } from './node/audit-exchange.ts';
import type { NodeFile } from './node/node-file.ts';
import type { NodeFolder } from './node/node-folder.ts';
import { openSiteAudit } from './node/site-audit.ts';
import { renewCertificate } from './node/site-certificate.ts';
import { type NodeTools, takePart } from './node/site-study.ts';
import { witnessedHeads } from './node/witnessed-heads.ts';
import { connect } from './rpc/connection.ts';
import { signedCalls } from './rpc/signed-calls.ts';
import { fileApprovals } from './storage/approvals.ts';
import { fileBlockCache } from './storage/block-cache.ts';
import { fileLedger } from './storage/file-ledger.ts';
import { takeLease } from './storage/sqlite-lock.ts';
import { fileTrainingTime } from './storage/training-time.ts';
import type { TrainingPool } from './training/training-pool.ts';

export interface SiteSetup {
  readonly folder: NodeFolder;
  readonly node: NodeFile;
  /** `host:port` of the coordinator's door for sites. */
  readonly address: string;
  /** The site's own, role `site`. */
  readonly signer: Signer;
  /** `chain` and `roots` are PEM. */
  readonly tls: { readonly key: TlsKey; readonly chain: string; readonly roots: string };
  readonly membership: Membership;
  readonly pool: TrainingPool;
  readonly cacheDir: string;
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter of pauses. */
  readonly uniform: () => number;
  readonly software: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Ends once no approved study of the coordinator is left; a daemon stays. */
  readonly untilIdle?: boolean;
}

const LOOK_MS = 5_000;
/** Between two tries to renew a certificate; weeks are left. */
const RENEWAL_PAUSE_MS = 10 * 60_000;
const BLOCK_CACHE_BYTES = 4 * 2 ** 30;
const CLOSE_MS = 2_000;

/**
 * A site's daemon: keeps in touch with the coordinator, and takes part in every study that this site has approved. A study
 * that fails here is tried again at the next look; it never ends the daemon.
 * @throws ConsiliumError what only a person can cure: `REVOKED`, `FENCED`, `INCOMPATIBLE`, `UNAUTHENTICATED`,
 * `CLOCK_SKEW`, `COORDINATOR_ROLLED_BACK`; `STATE_MISMATCH` where another daemon has the folder; `INTERRUPTED`.
 */
export async function runSite(setup: SiteSetup): Promise<void> {
  const { folder, membership, signer, clock, log } = setup;
  const lease = takeLease(folder.folder, folder.lease);
  const audit = await openSiteAudit(folder, { key: signer.key, clock });
  const ledger = await fileLedger(folder.ledger);
  const trainingTime = await fileTrainingTime(folder.trainingTime);
  const heads = await witnessedHeads(folder.heads);
  const witness = await openWitness(folder.witness);
  const stop = new AbortController();
  const signal = AbortSignal.any([setup.signal, stop.signal]);
  let own = { key: setup.tls.key.privateKeyPem, chain: setup.tls.chain };
  let renewMs = renewalTime(own.chain);
  const connection = connect({
    clock,
    address: setup.address,
    tls: {
      roots: setup.tls.roots,
      get own() {
        return own;
      },
      pinned: () => coordinatorOf(membership.current()).spki,
    },
  });
  let isFetching = false;
  const calls = signedCalls({
    connection,
    signer,
    roster: () => membership.current(),
    clock,
    uniform: setup.uniform,
    software: setup.software,
    signal,
    async onSession({ heads: presented, fence, software }) {
      await heads.check(presented, coordinatorOf(membership.current()).key);
      log.info('session.opened', { fence, coordinator: software });
    },
    onNewerRoster: () => {
      if (isFetching) return;
      isFetching = true;
      fetchRosters()
        .catch((error: unknown) =>
          log.warn('roster.not-fetched', { code: codeOf(error), message: messageOf(error) }),
        )
        .finally(() => {
          isFetching = false;
        });
    },
    onFailure: ({ code }, pauseMs) => log.warn('call.failed', { code, retryInMs: Math.round(pauseMs) }),
  });
  const exchange = auditExchange({
    audit,
    witness,
    roster: () => membership.current(),
    clock,
    log,
    async send(body) {
      try {
        return await calls.call(EXCHANGE, body, { tries: 1 });
      } catch (error) {
        // A coordinator of before exchanges none, and training does not depend on it.
        if (signal.aborted || (needsPerson(error) && codeOf(error) !== 'INCOMPATIBLE')) throw error;
        log.warn('audit.not-exchanged', { code: codeOf(error) });
        return undefined;
      }
    },
  });

  async function fetchRosters(): Promise<void> {
    const body = encodeFetchRostersRequest({ afterVersion: membership.current().version });
    const reply = decodeFetchRostersReply(
      await calls.call('/consilium.v1.EnrollmentService/FetchRosters', body, { tries: 1 }),
    );
    for (const bytes of reply.rosters) {
      const { roster } = await membership.accept(bytes);
      await audit.append({ type: 'roster.accepted', data: { version: roster.version } });
    }
  }

  /** At two thirds of its life, without a restart; rounds go on. */
  async function renewIfDue(): Promise<void> {
    if (clock.now() < renewMs) return;
    renewMs = clock.now() + RENEWAL_PAUSE_MS;
    const roster = () => membership.current();
    try {
      const { site } = setup.node;
      const chain = await renewCertificate(calls, { site, tlsKey: setup.tls.key, roster, folder, clock });
      own = { ...own, chain };
      renewMs = renewalTime(chain);
      connection.reopen();
      await audit.append({ type: 'enrollment.renewed' });
      log.info('certificate.renewed');
    } catch (error) {
      if (signal.aborted || needsPerson(error)) throw error;
      log.warn('certificate.not-renewed', { code: codeOf(error), message: messageOf(error) });
    }
  }

  const tools: NodeTools = {
    ...setup,
    calls,
    roster: () => membership.current(),
    approvals: fileApprovals(folder.approvals, signer.key.publicKey),
    ledger,
    trainingTime,
    audit,
    heads,
    blocks: fileBlockCache(folder.blockCache, { maxBytes: BLOCK_CACHE_BYTES, clock }),
  };
  const running = new Map<ContentHash, Promise<void>>();
  const over = new Set<ContentHash>();
  const told = new Set<string>();
  let fatal: unknown;

  function start(study: StudySummary, approval: Parameters<typeof takePart>[1]): void {
    const { studyHash } = study;
    log.info('study.joined', { study: study.study, hash: studyHash });
    const part = takePart(studyHash, approval, tools, signal)
      .then(() => {
        over.add(studyHash);
        log.info('study.finished', { study: study.study });
      })
      .catch((error: unknown) => {
        if (signal.aborted) return;
        if (needsPerson(error)) {
          fatal ??= error;
          stop.abort(error);
          return;
        }
        log.error('study.failed', { study: study.study, code: codeOf(error), message: messageOf(error) });
      })
      .finally(() => running.delete(studyHash));
    running.set(studyHash, part);
  }

  async function look(): Promise<'idle' | 'busy'> {
    const listed = decodeListStudiesReply(
      await calls.call('/consilium.v1.StudyService/ListStudies', encodeListStudiesRequest(undefined)),
    );
    const approvals = await tools.approvals.all();
    for (const study of listed.studies) {
      const { studyHash, phase } = study;
      if (running.has(studyHash) || over.has(studyHash) || phase === 'complete' || phase === 'aborted')
        continue;
      const approval = approvals.find((each) => each.studyHash === studyHash && each.untilMs > clock.now());
      if (approval !== undefined) start(study, approval);
      else if (!told.has(studyHash)) {
        told.add(studyHash);
        log.warn('study.waits-for-approval', { study: study.study, hash: studyHash, lead: study.lead });
      }
    }
    return running.size === 0 ? 'idle' : 'busy';
  }

  try {
    await audit.append({ type: 'daemon.started', data: { software: setup.software } });
    for (;;) {
      const state = await look();
      await renewIfDue();
      await audit.tick();
      await exchange.ifDue();
      if (setup.untilIdle === true && state === 'idle') return;
      await Promise.race([
        pause(LOOK_MS, undefined, { signal }),
        ...(setup.untilIdle ? running.values() : []),
      ]);
    }
  } catch (error) {
    if (fatal !== undefined) throw fatal;
    if (!setup.signal.aborted) throw error;
    throw new ConsiliumError('INTERRUPTED', 'site daemon: stopped on request', {
      cause: error,
      hint: 'Start it again to go on where it stopped.',
    });
  } finally {
    stop.abort();
    await Promise.allSettled([...running.values()]);
    await audit.append({ type: 'daemon.stopped', data: {} }).catch(() => undefined);
    await leave();
    connection.close();
    await Promise.allSettled([audit.close(), ledger.close(), trainingTime.close(), witness.close()]);
    lease.close();
  }

  /** Tells the coordinator, and shows it the end of the audit log, if it listens; nothing depends on it. */
  async function leave(): Promise<void> {
    const until = { deadlineMs: CLOSE_MS, signal: AbortSignal.timeout(CLOSE_MS) };
    const send = async (path: Parameters<typeof calls.signHeld>[0], body: Uint8Array) => {
      const request = await calls.signHeld(path, body);
      if (request === undefined) return undefined;
      const reply = await connection.unary(path, encodeSignedRequest(request), until);
      return calls.opened(decodeSignedReply(reply), request);
    };
    try {
      await exchange.now((body) => send(EXCHANGE, body));
    } catch (error) {
      log.warn('audit.not-exchanged', { code: codeOf(error) });
    }
    try {
      await send('/consilium.v1.SessionService/CloseSession', encodeCloseSessionRequest(undefined));
    } catch {
      // The session ends by itself.
    }
  }
}

const FOR_A_PERSON = new Set([
  'REVOKED',
  'FENCED',
  'INCOMPATIBLE',
  'UNAUTHENTICATED',
  'CLOCK_SKEW',
  'COORDINATOR_ROLLED_BACK',
]);

function needsPerson(error: unknown): boolean {
  return error instanceof ConsiliumError && FOR_A_PERSON.has(error.code);
}

function codeOf(error: unknown): string {
  return error instanceof ConsiliumError ? error.code : 'INTERNAL';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
