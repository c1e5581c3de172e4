import { readFile } from 'node:fs/promises';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { certificatesPem, readCertificatesPem } from '../../shared/crypto/certificates.ts';
import { writePrivateFile } from '../../shared/crypto/private-files.ts';
import { renewalTime } from '../../shared/crypto/renewal.ts';

/** Between two tries; weeks are left. */
const TRY_PAUSE_MS = 10 * 60_000;

/** The server certificate of a coordinator that runs. */
export interface KeptCertificate {
  /** PEM, as it is now. */
  chain(): string;
  /**
   * Issues another where two thirds of its life are over, and keeps it. One that fails is tried again ten minutes later.
   * @returns it as PEM; undefined where none was due.
   */
  renewIfDue(): Promise<string | undefined>;
}

/**
 * @param options.path of the PEM file. @param options.issue gives the next chain, DER.
 * @throws ConsiliumError `FILE_UNREADABLE`, `CERTIFICATE_REFUSED`; what `issue` throws, where one is due already.
 */
export async function keptCertificate(options: {
  readonly path: string;
  readonly issue: () => Promise<readonly Uint8Array[]>;
  readonly clock: Clock;
}): Promise<KeptCertificate> {
  const { path, issue, clock } = options;
  let pem = certificatesPem(await certificatesAt(path));
  let dueMs = renewalTime(pem);

  async function renewIfDue(): Promise<string | undefined> {
    if (clock.now() < dueMs) return undefined;
    dueMs = clock.now() + TRY_PAUSE_MS;
    const next = certificatesPem(await issue());
    await writePrivateFile(path, next);
    pem = next;
    dueMs = renewalTime(next);
    return next;
  }

  await renewIfDue();
  return { chain: () => pem, renewIfDue };
}

/** @returns DER of each. @throws ConsiliumError `FILE_UNREADABLE`, `CERTIFICATE_REFUSED`. */
export async function certificatesAt(path: string): Promise<readonly Uint8Array[]> {
  const pem = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ConsiliumError('FILE_UNREADABLE', `${path}: expected a certificate, got none`, {
      cause,
      hint: 'Take the one that an officer made: consilium coordinator certify FILE.issuing-ca.pem.',
    });
  });
  return readCertificatesPem(pem);
}
