import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateTlsKey } from '../../shared/crypto/certificates.ts';
import { decodeKey, readSigningKey, readTlsKey, writeKeyFile } from '../../shared/crypto/key-file.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';

const PASSPHRASE = Buffer.from('correct horse battery');
const NOTHING = async () => undefined;
const signing = { kind: 'ed25519', id: 'alice', key: generateSigningKey() } as const;

let folder: string;
let sealed: string;
let open: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
  [sealed, open] = [join(folder, 'sealed.key'), join(folder, 'open.key')];
  await writeKeyFile(sealed, signing, PASSPHRASE);
  await writeKeyFile(open, signing, undefined);
});
afterAll(() => rm(folder, { recursive: true }));

describe('writeKeyFile', () => {
  it('seals a key so that the passphrase alone opens it', async () => {
    const { id, key } = await readSigningKey(sealed, async () => PASSPHRASE);
    expect(id).toBe('alice');
    expect(key.publicKey).toEqual(signing.key.publicKey);
    const wrong = readSigningKey(sealed, async () => Buffer.from('correct horse'));
    await expect(wrong).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
    await expect(readSigningKey(sealed, NOTHING)).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
  });

  it('shows nothing of a sealed key', async () => {
    const text = await readFile(sealed, 'utf8');
    expect(text).not.toContain(Buffer.from(signing.key.seed()).toString('base64'));
    expect(JSON.parse(text)).toMatchObject({ sealed: { kdf: 'scrypt', N: 131072, r: 8, p: 1 } });
  });

  it('writes mode 0600 and reads an open key without a passphrase', async () => {
    expect((await stat(open)).mode & 0o777).toBe(0o600);
    expect((await readSigningKey(open, NOTHING)).key.seed()).toEqual(signing.key.seed());
  });

  it('keeps TLS keys, and does not take one for a signing key', async () => {
    const path = join(folder, 'tls.key');
    const key = generateTlsKey();
    await writeKeyFile(path, { kind: 'p256', id: 'cleveland', key }, undefined);
    expect((await readTlsKey(path, NOTHING)).key).toEqual(key);
    await expect(readSigningKey(path, NOTHING)).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
  });

  it('never replaces a key', async () => {
    const again = writeKeyFile(open, signing, undefined);
    await expect(again).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});

describe('readSigningKey', () => {
  it('refuses a file that others may read, and says which chmod to run', async () => {
    await chmod(open, 0o640);
    await expect(readSigningKey(open, NOTHING)).rejects.toMatchObject({
      code: 'UNSAFE_PERMISSIONS',
      message: `${open}: expected mode 0600, got 0640`,
      hint: `Run: chmod 0600 ${open}`,
    });
    await chmod(open, 0o600);
  });

  it('refuses a folder that others may enter', async () => {
    await chmod(folder, 0o755);
    await expect(readSigningKey(open, NOTHING)).rejects.toMatchObject({
      code: 'UNSAFE_PERMISSIONS',
      message: `${folder}: expected mode 0700, got 0755`,
    });
    await chmod(folder, 0o700);
  });

  it('takes a file with fewer rights than it may have', async () => {
    await chmod(open, 0o400);
    await expect(readSigningKey(open, NOTHING)).resolves.toMatchObject({ id: 'alice' });
    await chmod(open, 0o600);
  });
});

describe('decodeKey', () => {
  it('refuses a cost of scrypt that we do not write, before it is paid', async () => {
    const text = await readFile(sealed, 'utf8');
    const costly = text.replace('131072', '1073741824');
    await expect(decodeKey(costly, 'k', async () => PASSPHRASE)).rejects.toThrow(/another sealed\.N/);
  });

  it("refuses another key's public part", async () => {
    const file = JSON.parse(await readFile(open, 'utf8'));
    const other = Buffer.from(generateSigningKey().publicKey).toString('base64');
    const swapped = JSON.stringify({ ...file, public: other });
    await expect(decodeKey(swapped, 'k', NOTHING)).rejects.toThrow(/the public key of its secret key/);
  });

  it('refuses other text, a cut file, and a key that is neither sealed nor open', async () => {
    const file = JSON.parse(await readFile(open, 'utf8'));
    const { key: _, ...without } = file;
    const damaged = ['', '{', '[]', JSON.stringify(without), JSON.stringify({ ...file, key: 'AAAA' })];
    for (const text of damaged) {
      await expect(decodeKey(text, 'k', NOTHING)).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
    }
  });

  it('refuses a file that is too long', async () => {
    const path = join(folder, 'long.key');
    await writeFile(path, 'x'.repeat(64 * 1024 + 1), { mode: 0o600 });
    await expect(readSigningKey(path, NOTHING)).rejects.toThrow(/at most 65536 bytes/);
  });
});
