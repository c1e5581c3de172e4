import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, it } from 'vitest';
import { budgetFile, openSiteBudget } from '../../../client/node/site-budget.ts';
import { readPrivacyLedger } from '../../../client/storage/privacy-ledger.ts';
import { openAuditLog } from '../../../shared/audit/audit-log.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { signingKeyOf } from '../../../shared/crypto/sign.ts';
import { newCharge } from '../../helpers/new-charge.ts';

const NO_LIMIT = { maxEpsilon: null, maxEpsilonTotal: null };
const clock = virtualClock(1_000);

async function madeSite() {
  const state = await mkdtemp(join(tmpdir(), 'budget-'));
  return siteAt(state);
}

function siteAt(state: string) {
  const folder = { state, audit: join(state, 'audit') };
  const path = budgetFile(folder);
  /** The daemon's start, the charges of some rounds, and its end. */
  async function run(...rounds: readonly number[]) {
    const key = signingKeyOf(new Uint8Array(32).fill(1));
    const audit = await openAuditLog({ folder: folder.audit, key, clock });
    try {
      const ledger = await openSiteBudget(folder, { audit, clock });
      try {
        for (const round of rounds) await ledger.charge(newCharge(round), NO_LIMIT);
        return ledger.charges().map(({ round }) => round);
      } finally {
        ledger.close();
      }
    } finally {
      await audit.close();
    }
  }
  /** What an intruder with SQLite does. */
  function edit(sql: string) {
    const database = new DatabaseSync(path);
    database.exec('DROP TRIGGER charges_stay; DROP TRIGGER charges_last');
    database.exec(sql);
    database.close();
  }
  return { folder, path, run, edit };
}

const DAMAGED = { code: 'LEDGER_DAMAGED' };

describe('D5: the ledger of a site', () => {
  it('goes on after a restart where it stopped, in a file that only its owner reads', async () => {
    const { run, path } = await madeSite();
    expect(await run(1, 2)).toEqual([1, 2]);
    expect(await run(3)).toEqual([1, 2, 3]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('may go while nothing was charged, and is not made anew once something was', async () => {
    const { run, path } = await madeSite();
    expect(await run()).toEqual([]);
    await rm(path);
    expect(await run(1)).toEqual([1]);
    await rm(path);
    await expect(run()).rejects.toMatchObject(DAMAGED);
    expect(existsSync(path)).toBe(false);
  });

  it('does not start from an older copy of itself', async () => {
    const { run, path } = await madeSite();
    await run(1);
    await copyFile(path, `${path}.old`);
    await run(2);
    await copyFile(`${path}.old`, path);
    await expect(run()).rejects.toMatchObject(DAMAGED);
  });

  it.each([
    ['its last row is cut off', 'DELETE FROM charges WHERE seq = 3'],
    ['its first row is cut off', 'DELETE FROM charges WHERE seq = 1'],
    ['all rows are cut off', 'DELETE FROM charges'],
    ['the table is gone', 'DROP TABLE charges'],
    [
      'a row has more noise',
      `UPDATE charges SET event = replace(event, '"sigma":2', '"sigma":9') WHERE seq = 2`,
    ],
    ['a row is of another round', 'UPDATE charges SET round = 9 WHERE seq = 3'],
    ['a row has another epsilon', 'UPDATE charges SET epsilonAfter = 0 WHERE seq = 3'],
    [
      'two rows have changed places',
      'UPDATE charges SET seq = seq + 7 WHERE seq = 2; UPDATE charges SET seq = 2 WHERE seq = 3; UPDATE charges SET seq = 3 WHERE seq = 9',
    ],
  ])('does not start where %s', async (_what, sql) => {
    const { run, edit } = await madeSite();
    await run(1, 2, 3);
    edit(sql);
    await expect(run()).rejects.toMatchObject(DAMAGED);
  });

  it('does not start where rows were chained anew from another site', async () => {
    const [own, other] = [await madeSite(), await madeSite()];
    await own.run(1, 2);
    await other.run(7, 8);
    await copyFile(other.path, own.path);
    await expect(own.run()).rejects.toMatchObject(DAMAGED);
  });

  it('does not start beside an audit log that never saw it', async () => {
    const { run, folder } = await madeSite();
    await run(1);
    await rm(folder.audit, { recursive: true });
    await expect(run()).rejects.toMatchObject(DAMAGED);
  });

  it('does not start from a file that is no database', async () => {
    const { run, path } = await madeSite();
    await run(1);
    await writeFile(path, 'x'.repeat(8192));
    await expect(run()).rejects.toMatchObject(DAMAGED);
  });

  it('lets nobody change a row by its own tools', async () => {
    const { run, path } = await madeSite();
    await run(1);
    const database = new DatabaseSync(path);
    expect(() => database.exec('UPDATE charges SET epsilonAfter = 0')).toThrow('append only');
    expect(() => database.exec('DELETE FROM charges')).toThrow('append only');
    database.close();
  });
});

describe('D5: a site that is killed', () => {
  const places = [
    ['before privacy.ledger-begun', 0],
    ['after privacy.ledger-begun', 0],
    ['before the charge', 0],
    ['before privacy.charged', 1],
    ['after privacy.charged', 1],
    ['before the byte', 1],
    ['after the byte', 1],
  ] as const;

  it.each(places)(
    '%s has charged the round if a byte may have left, and starts again',
    async (place, charged) => {
      const { folder, path, run } = await madeSite();
      await killedAt(folder.state, place);
      const rows = readPrivacyLedger(path);
      expect(rows).toHaveLength(charged);
      if (existsSync(join(folder.state, 'left'))) expect(rows).toHaveLength(1);
      // The round is charged once, whether it was before.
      expect(await run(1)).toEqual([1]);
      expect(await run()).toEqual([1]);
    },
  );
});

const SITE = fileURLToPath(new URL('charge-and-send.ts', import.meta.url));

function killedAt(folder: string, place: string): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', SITE, folder, place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let isThere = false;
  child.stdout.on('data', () => {
    isThere = true;
    child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => (isThere ? resolve() : reject(new Error(`never came to: ${place}`))));
  });
}
