import tls from 'node:tls';

/** No older version than TLS 1.3, for the whole process: gRPC has no setting of its own for it. */
export function requireTls13(): void {
  tls.DEFAULT_MIN_VERSION = 'TLSv1.3';
}
