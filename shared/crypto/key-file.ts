import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ConsiliumError } from '../core/errors.ts';
import { pkcs8Of, type TlsKey, tlsKeyOf } from './certificates.ts';
import { checkPrivateFolder, readPrivateFile, writePrivateFile } from './private-files.ts';
import { type SecureRandom, secureRandom } from './random.ts';
import { SEALING, type SealedBox, seal, unseal } from './sealed-box.ts';
import { type SigningKey, signingKeyOf } from './sign.ts';

/** A key with the id of whose it is. */
export type NamedKey =
  | { readonly kind: 'ed25519'; readonly id: string; readonly key: SigningKey }
  | { readonly kind: 'p256'; readonly id: string; readonly key: TlsKey };

/** Gives the passphrase for a key file when it is needed; undefined: none is to be had. */
export type PassphraseSource = (path: string) => Promise<Uint8Array | undefined>;

/** The source, asked at the first need: a daemon opens further keys while nobody is at its terminal. */
export function askedOnce(source: PassphraseSource): PassphraseSource {
  let asked: Promise<Uint8Array | undefined> | undefined;
  return (path) => {
    asked ??= source(path);
    return asked;
  };
}

/**
 * Writes a key as a new file of mode 0600; a key is never replaced, since nothing brings it back.
 * @param path in a folder of mode 0700.
 * @param passphrase seals it; undefined leaves it open, protected by its mode alone. Borrowed.
 * @throws ConsiliumError `BAD_ARGUMENT` where there is a file; `FILE_UNREADABLE`, `UNSAFE_PERMISSIONS`.
 */
export async function writeKeyFile(
  path: string,
  key: NamedKey,
  passphrase: Uint8Array | undefined,
): Promise<void> {
  await checkPrivateFolder(dirname(path));
  if (existsSync(path)) {
    throw new ConsiliumError('BAD_ARGUMENT', `${path}: expected no such file, got an existing one`, {
      hint: 'A key is not replaced: move the old one away first, or choose another folder.',
    });
  }
  await writePrivateFile(path, await encodeKey(key, passphrase, secureRandom));
}

/** @throws ConsiliumError `UNSAFE_PERMISSIONS`, `FILE_UNREADABLE`, `KEY_UNREADABLE`, `PASSPHRASE_WRONG`. */
export async function readSigningKey(
  path: string,
  passphrase: PassphraseSource,
): Promise<Extract<NamedKey, { kind: 'ed25519' }>> {
  const named = await readKeyFile(path, passphrase);
  if (named.kind === 'ed25519') return named;
  throw unreadable(path, 'a key of kind ed25519', named.kind);
}

/** @throws ConsiliumError as {@link readSigningKey}. */
export async function readTlsKey(
  path: string,
  passphrase: PassphraseSource,
): Promise<Extract<NamedKey, { kind: 'p256' }>> {
  const named = await readKeyFile(path, passphrase);
  if (named.kind === 'p256') return named;
  throw unreadable(path, 'a key of kind p256', named.kind);
}

/** The text of a key file. @param passphrase Borrowed. */
export async function encodeKey(
  named: NamedKey,
  passphrase: Uint8Array | undefined,
  random: SecureRandom,
): Promise<string> {
  const secret = named.kind === 'ed25519' ? named.key.seed() : pkcs8Of(named.key);
  const sealed = passphrase === undefined ? undefined : await seal(secret, passphrase, random);
  const file: KeyFile = {
    format: 1,
    kind: named.kind,
    id: named.id,
    public: base64(publicOf(named)),
    sealed: sealed === undefined ? null : sealedText(sealed),
    ...(sealed === undefined && { key: base64(secret) }),
  };
  secret.fill(0);
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * @param where names the file in messages.
 * @throws ConsiliumError `KEY_UNREADABLE`, `PASSPHRASE_WRONG`.
 */
export async function decodeKey(
  text: string,
  where: string,
  passphrase: PassphraseSource,
): Promise<NamedKey> {
  const file = parsed(text, where);
  const secret = await secretOf(file, where, passphrase);
  const named = namedKey(file, secret, where);
  secret.fill(0);
  if (base64(publicOf(named)) !== file.public) {
    throw unreadable(where, 'the public key of its secret key', 'another');
  }
  return named;
}

async function readKeyFile(path: string, passphrase: PassphraseSource): Promise<NamedKey> {
  await checkPrivateFolder(dirname(path));
  return decodeKey(Buffer.from(await readPrivateFile(path)).toString('utf8'), path, passphrase);
}

const base64Text = z.base64().max(4096);

const keyFileSchema = z.strictObject({
  format: z.literal(1),
  kind: z.enum(['ed25519', 'p256']),
  id: z.string().max(64),
  public: base64Text,
  sealed: z
    .strictObject({
      kdf: z.literal('scrypt'),
      // What we write and nothing else: another N could ask for any amount of memory.
      N: z.literal(SEALING.N),
      r: z.literal(SEALING.r),
      p: z.literal(SEALING.p),
      salt: base64Text.length(24),
      nonce: base64Text.length(32),
      box: base64Text,
    })
    .nullable(),
  key: base64Text.optional(),
});

type KeyFile = z.infer<typeof keyFileSchema>;

function parsed(text: string, where: string): KeyFile {
  const result = (() => {
    try {
      return keyFileSchema.safeParse(JSON.parse(text));
    } catch {
      return undefined; // no JSON; the cause would quote the file
    }
  })();
  if (result === undefined) throw unreadable(where, 'a key file in JSON', 'other text');
  if (!result.success) {
    const path = result.error.issues[0]?.path.join('.') ?? '';
    throw unreadable(where, 'a key file of format 1', path === '' ? 'another form' : `another ${path}`);
  }
  const { sealed, key } = result.data;
  if ((sealed === null) !== (key !== undefined)) {
    throw unreadable(where, 'a key that is either sealed or open', sealed === null ? 'neither' : 'both');
  }
  return result.data;
}

async function secretOf(file: KeyFile, where: string, passphrase: PassphraseSource): Promise<Uint8Array> {
  if (file.sealed === null) return bytes(file.key ?? '');
  const given = await passphrase(where);
  if (given === undefined) {
    throw new ConsiliumError('PASSPHRASE_WRONG', `${where}: expected a passphrase, got none`, {
      hint: 'Run on a terminal, or name a file with it in CONSILIUM_PASSPHRASE_FILE.',
    });
  }
  const { salt, nonce, box } = file.sealed;
  const sealed = { salt: bytes(salt), nonce: bytes(nonce), box: bytes(box) };
  const secret = await unseal(sealed, given);
  if (secret !== undefined) return secret;
  throw new ConsiliumError(
    'PASSPHRASE_WRONG',
    `${where}: expected the passphrase that sealed it, got another (or the file is damaged)`,
  );
}

function namedKey({ kind, id }: KeyFile, secret: Uint8Array, where: string): NamedKey {
  try {
    return kind === 'ed25519' ? { kind, id, key: signingKeyOf(secret) } : { kind, id, key: tlsKeyOf(secret) };
  } catch (cause) {
    throw unreadable(where, `a secret key of kind ${kind}`, 'other bytes', cause);
  }
}

function publicOf({ kind, key }: NamedKey): Uint8Array {
  return kind === 'ed25519' ? key.publicKey : key.spki;
}

function sealedText({ salt, nonce, box }: SealedBox): NonNullable<KeyFile['sealed']> {
  return { kdf: 'scrypt', ...SEALING, salt: base64(salt), nonce: base64(nonce), box: base64(box) };
}

function unreadable(where: string, expected: string, found: string, cause?: unknown): ConsiliumError {
  const message = `${where}: expected ${expected}, got ${found}`;
  return new ConsiliumError('KEY_UNREADABLE', message, cause === undefined ? {} : { cause });
}

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString('base64');
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
