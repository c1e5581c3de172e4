import { readText } from '../../../shared/config/read-text.ts';
import type { Clock } from '../../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import {
  certificatesPem,
  readCertificate,
  readCertificatesPem,
} from '../../../shared/crypto/certificates.ts';
import { type PassphraseSource, readSigningKey, readTlsKey } from '../../../shared/crypto/key-file.ts';
import { writePrivateFile } from '../../../shared/crypto/private-files.ts';
import { COORDINATOR, readCoordinatorFile } from '../../node/coordinator-file.ts';
import { coordinatorFolder } from '../../node/coordinator-folder.ts';
import { issueServerChain } from '../../node/server-certificate.ts';
import { openCoordinatorMembership } from './coordinator-membership.ts';

/**
 * Takes the certificate of the issuing CA that an officer made, and issues the coordinator's own server certificate.
 * @throws ConsiliumError `CERTIFICATE_REFUSED` where the certificate is not for this coordinator's issuing key, or does
 * not lead to a root of the roster; `ROSTER_INVALID` where the roster has no coordinator, or another.
 */
export async function runCoordinatorCertify(
  options: {
    readonly folder: string;
    /** PEM: the issuing CA first. */
    readonly file: string;
    readonly passphrase: PassphraseSource;
    readonly clock: Clock;
  },
  _io: CommandIo,
): Promise<CommandResult> {
  const folder = coordinatorFolder(options.folder);
  const file = readCoordinatorFile(readText(folder.file, COORDINATOR), folder.file);
  const membership = await openCoordinatorMembership(folder);
  const [certificate] = readCertificatesPem(readText(options.file, ISSUING)) as [Uint8Array];
  const issuing = await readTlsKey(folder.issuingKey, options.passphrase);
  if (Buffer.compare(readCertificate(certificate).spki, issuing.key.spki) !== 0) {
    throw new ConsiliumError(
      'CERTIFICATE_REFUSED',
      `${options.file}: expected a certificate for the issuing key of this coordinator, got another's`,
    );
  }
  const { key: identity } = await readSigningKey(folder.identityKey, options.passphrase);
  const { key: tls } = await readTlsKey(folder.tlsKey, options.passphrase);
  const chain = await issueServerChain({
    issuer: { key: issuing.key, certificate },
    roster: membership.current(),
    coordinator: { id: file.coordinator, key: identity.publicKey, spki: tls.spki },
    endpoints: file.endpoints,
    nowMs: options.clock.now(),
  });
  await writePrivateFile(folder.issuingCertificate, certificatesPem([certificate]));
  await writePrivateFile(folder.serverChain, certificatesPem(chain));
  const until = readCertificate(chain[0] as Uint8Array).notAfter.toISOString();
  const issuingUntil = readCertificate(certificate).notAfter.toISOString();
  return {
    text: [
      `issuing CA of ${file.coordinator} until ${issuingUntil}`,
      `server certificate until ${until}; coordinator run renews it by itself`,
      'next: consilium coordinator run',
    ].join('\n'),
    data: { coordinator: file.coordinator, issuingUntil, serverUntil: until },
  };
}

const ISSUING = {
  what: 'the certificate of an issuing CA',
  tooLong: 'CERTIFICATE_REFUSED',
  hint: 'consilium consortium admit coordinator.request.json writes it beside the request.',
} as const;
