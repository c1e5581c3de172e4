import { createSecureContext } from 'node:tls';
import { experimental, type ServerCredentials } from '@grpc/grpc-js';

/** PEM. */
export interface ServerTls {
  readonly key: string;
  readonly chain: string;
  /** Root of the sites' certificates: every caller then needs one before a byte of HTTP/2 is read. Undefined: one-way TLS. */
  readonly clientRoot: string | undefined;
}

/** The key and certificate that a door shows; they change while it is open. */
export interface ServerIdentity {
  readonly credentials: ServerCredentials;
  /**
   * Handshakes from now on show this one; connections that are open, and their calls, stay.
   * @throws Error where the certificate is not for the key; the one before is shown then.
   */
  show(next: Pick<ServerTls, 'key' | 'chain'>): void;
}

type Provider = experimental.CertificateProvider;
type OwnListener = Parameters<Provider['addIdentityCertificateListener']>[0];

export function serverIdentity(tls: ServerTls): ServerIdentity {
  const listeners = new Set<OwnListener>();
  let shown = updateOf(tls);
  const caUpdate = tls.clientRoot === undefined ? null : { caCertificate: Buffer.from(tls.clientRoot) };
  const provider: Provider = {
    // A listener that is told at once would hear it before grpc-js has wired its server to it.
    addCaCertificateListener: (listener) => queueMicrotask(() => listener(caUpdate)),
    removeCaCertificateListener: () => undefined,
    addIdentityCertificateListener(listener) {
      listeners.add(listener);
      queueMicrotask(() => listener(shown));
    },
    removeIdentityCertificateListener: (listener) => {
      listeners.delete(listener);
    },
  };
  const clients = tls.clientRoot === undefined ? null : provider;
  return {
    credentials: experimental.createCertificateProviderServerCredentials(provider, clients, true),
    show(next) {
      // grpc-js closes the door on a pair that does not fit.
      createSecureContext({ key: next.key, cert: next.chain });
      shown = updateOf(next);
      for (const listener of listeners) listener(shown);
    },
  };
}

function updateOf({ key, chain }: Pick<ServerTls, 'key' | 'chain'>) {
  return { certificate: Buffer.from(chain), privateKey: Buffer.from(key) };
}
