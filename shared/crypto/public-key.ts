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

function publicKeyOf(text: string): Uint8Array | undefined {
  try {
    const file = JSON.parse(text) as { readonly public?: unknown } | null;
    return typeof file?.public === 'string' ? Uint8Array.from(Buffer.from(file.public, 'base64')) : undefined;
  } catch {
    return undefined;
  }
}
