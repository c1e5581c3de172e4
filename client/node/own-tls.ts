import { existsSync } from 'node:fs';
import type { AuditEntry } from '../../shared/audit/audit-line.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { Log } from '../../shared/core/log.ts';
import type { TlsKey } from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { tlsPublicKeyAt } from '../../shared/crypto/public-key.ts';
import { renewalTime } from '../../shared/crypto/renewal.ts';
import type { Roster } from '../../shared/identity/roster.ts';
import type { SignedCalls } from '../rpc/signed-calls.ts';
import { failureFacts, needsPerson } from './failure.ts';
import { finishTlsRotation } from './key-rotation.ts';
import type { NodeFolder } from './node-folder.ts';
import { renewCertificate } from './site-certificate.ts';

/** Between two tries; of a certificate's life, weeks are left. */
const TRY_PAUSE_MS = 10 * 60_000;

/** The TLS key and certificate that a daemon shows, which change while it runs: rounds go on. */
export interface OwnTls {
  /** PEM, as they are now. */
  current(): { readonly key: string; readonly chain: string };
  /**
   * Takes up the next key once the roster lists it, and fetches a later certificate at two thirds of a certificate's life.
   * A failure that may pass is logged, and tried again ten minutes later.
   * @throws ConsiliumError what only a person can cure; the reason of `signal`.
   */
  keepUp(calls: SignedCalls): Promise<void>;
}

/** A TLS key with its certificate chain, PEM. */
interface Shown {
  readonly key: TlsKey;
  readonly chain: string;
}

/** @param first as the folder has them. */
export function ownTls(
  first: Shown,
  tools: {
    readonly site: SiteId;
    readonly folder: NodeFolder;
    /** Opens a key file. */
    readonly readTlsKey: (path: string) => Promise<TlsKey>;
    readonly roster: () => Roster;
    readonly audit: { append(entry: AuditEntry): Promise<unknown> };
    readonly clock: Clock;
    readonly log: Log;
    /** Ends the daemon. */
    readonly signal: AbortSignal;
  },
): OwnTls {
  const { site, folder, roster, audit, clock, log, signal } = tools;
  let shown = first;
  let renewMs = renewalTime(first.chain);
  let rotateMs = 0;

  /** New calls show what is there now; those under way end on the old connection. */
  async function show(next: Shown, calls: SignedCalls, what: 'renewed' | 'rotated'): Promise<void> {
    shown = next;
    renewMs = renewalTime(next.chain);
    calls.connection.reopen();
    await audit.append({ type: `enrollment.${what}` });
    log.info(`certificate.${what}`);
  }

  async function renew(calls: SignedCalls): Promise<void> {
    const { key } = shown;
    await show({ key, chain: await renewCertificate(calls, { ...tools, tlsKey: key }) }, calls, 'renewed');
  }

  async function rotate(calls: SignedCalls): Promise<void> {
    const key = await tools.readTlsKey(folder.nextTlsKey);
    const kept = { certificate: folder.nextCertificate };
    const chain = await renewCertificate(calls, { ...tools, tlsKey: key, folder: kept });
    await finishTlsRotation(folder);
    await show({ key, chain }, calls, 'rotated');
  }

  async function isNextListed(): Promise<boolean> {
    if (!existsSync(folder.nextTlsKey)) return false;
    const next = sha256(await tlsPublicKeyAt(folder.nextTlsKey));
    return roster().sites.some(({ id, spki }) => id === site && spki.includes(next));
  }

  async function attempt(work: () => Promise<void>, event: string): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (signal.aborted || needsPerson(error)) throw error;
      log.warn(event, failureFacts(error));
    }
  }

  return {
    current: () => ({ key: shown.key.privateKeyPem, chain: shown.chain }),
    async keepUp(calls) {
      const nowMs = clock.now();
      if (nowMs >= rotateMs && (await isNextListed())) {
        rotateMs = nowMs + TRY_PAUSE_MS;
        await attempt(() => rotate(calls), 'certificate.not-rotated');
      }
      if (nowMs >= renewMs) {
        renewMs = nowMs + TRY_PAUSE_MS;
        await attempt(() => renew(calls), 'certificate.not-renewed');
      }
    },
  };
}
