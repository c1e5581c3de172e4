import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runConsilium } from './run-consilium.ts';

let folder: string;
let passphrase: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'consortium-bin-'));
  passphrase = join(folder, 'passphrase');
  await writeFile(passphrase, 'correct horse battery\n', { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true }));

const consortium = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  runConsilium(['consortium', ...words, '--officer', 'alice', '--dir', join(folder, 'alice')], {
    CONSILIUM_PASSPHRASE_FILE: '',
    CREDENTIALS_DIRECTORY: '',
    ...environment,
  });

describe('consilium consortium', () => {
  it('seals keys by the passphrase of a file, and opens them by it alone', async () => {
    const init = ['init', '--name', 'heartland', '--threshold', '1'];
    const without = await consortium(init);
    expect(without.exitCode).toBe(4);
    expect(without.stderr).toContain('PASSPHRASE_WRONG');
    const made = await consortium(init, { CONSILIUM_PASSPHRASE_FILE: passphrase });
    expect(made.stderr).toBe('');
    expect(made.stdout).toContain("the consortium's eight words:");
    const invite = ['admit', 'cleveland', '--invite'];
    const closed = await consortium(invite);
    expect(closed.stderr).toContain('expected a passphrase, got none');
    const opened = await consortium(invite, { CONSILIUM_PASSPHRASE_FILE: passphrase });
    expect(opened.exitCode).toBe(0);
    expect(opened.stdout).toContain('cleveland.token');
  });

  it('asks for either a name or a draft to join', async () => {
    for (const words of [
      ['init'],
      ['init', '--name', 'a', '--join', 'b'],
      ['init', '--join', 'b', '--threshold', '2'],
    ]) {
      expect(await consortium(words)).toMatchObject({ exitCode: 4, stdout: '' });
    }
  });
});
