import { ConsiliumError } from '../core/errors.ts';
import { readPrivateFile } from './private-files.ts';
import { isSigningKey } from './sign.ts';

/**
 * The public half of an identity key, which its file holds in the open: no passphrase is needed.
 * @throws ConsiliumError `KEY_UNREADABLE`, `UNSAFE_PERMISSIONS`, `FILE_UNREADABLE`.
 */
export async function publicKeyAt(path: string): Promise<Uint8Array> {
  const key = publicKeyOf(Buffer.from(await readPrivateFile(path)).toString());
  if (key !== undefined && isSigningKey(key)) return key;
  throw new ConsiliumError(
    'KEY_UNREADABLE',
    `${path}: expected a key file of an identity key, got another file`,
  );
}

/**
 * As {@link publicKeyAt}, of a TLS key. @returns SubjectPublicKeyInfo, DER.
 * @throws ConsiliumError `KEY_UNREADABLE`, `UNSAFE_PERMISSIONS`, `FILE_UNREADABLE`.
 */
export async function tlsPublicKeyAt(path: string): Promise<Uint8Array> {
  const spki = publicKeyOf(Buffer.from(await readPrivateFile(path)).toString());
  if (spki !== undefined && spki.length > 0) return spki;
  throw new ConsiliumError('KEY_UNREADABLE', `${path}: expected a key file of a TLS key, got another file`);
}

function publicKeyOf(text: string): Uint8Array | undefined {
  try {
    const file = JSON.parse(text) as { readonly public?: unknown } | null;
    return typeof file?.public === 'string' ? Uint8Array.from(Buffer.from(file.public, 'base64')) : undefined;
  } catch {
    return undefined;
  }
}
