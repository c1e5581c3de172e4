import { appendFile, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileApprovals } from '../../../client/storage/approvals.ts';
import { fileBlockCache, withBlockCache } from '../../../client/storage/block-cache.ts';
import { fileLedger, readLedger } from '../../../client/storage/file-ledger.ts';
import { takeLease, withLock } from '../../../client/storage/sqlite-lock.ts';
import { fileTrainingTime } from '../../../client/storage/training-time.ts';
import { bytesOf } from '../../../shared/core/bytes.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { signingKeyOf } from '../../../shared/crypto/sign.ts';
import { signApproval } from '../../../shared/identity/approval.ts';
import type { CoordinatorPort } from '../../../shared/protocol/coordinator-port.ts';

const folder = () => mkdtemp(join(tmpdir(), 'site-'));
const LINE = {
  time: 5,
  kind: 'update',
  study: sha256('a study'),
  round: 3,
  bytes: 8,
  hash: sha256('content'),
} as const;

describe('fileLedger', () => {
  it('numbers on from the last line after a restart, and keeps lines that are written side by side in order', async () => {
    const path = join(await folder(), 'ledger.jsonl');
    const first = await fileLedger(path);
    await Promise.all([
      first.append(LINE),
      first.append({ ...LINE, round: 4 }),
      first.append({ ...LINE, round: 5 }),
    ]);
    await first.close();
    const second = await fileLedger(path);
    await second.append({ ...LINE, kind: 'decline', round: 6 });
    const lines = await second.lines();
    expect(lines.map(({ seq, round }) => [seq, round])).toEqual([
      [1, 3],
      [2, 4],
      [3, 5],
      [4, 6],
    ]);
    expect(lines[0]).toEqual({ seq: 1, ...LINE });
    await second.close();
  });

  it('cuts off a last line that a crash tore, and goes on behind the whole ones', async () => {
    const path = join(await folder(), 'ledger.jsonl');
    const first = await fileLedger(path);
    await first.append(LINE);
    await first.close();
    await appendFile(path, '{"seq":2,"time":5,"ki');
    const second = await fileLedger(path);
    expect(await second.lines()).toHaveLength(1);
    await second.append(LINE);
    expect((await second.lines()).map(({ seq }) => seq)).toEqual([1, 2]);
    await second.close();
  });

  /** A ledger of three messages, with its lines changed. @returns its path, and its head as it was. */
  async function changed(change: (lines: string[]) => readonly (string | undefined)[]) {
    const path = join(await folder(), 'ledger.jsonl');
    const ledger = await fileLedger(path);
    for (let round = 1; round <= 3; round++) await ledger.append({ ...LINE, round });
    const head = ledger.head();
    await ledger.close();
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, 3);
    await writeFile(
      path,
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
    return { path, head };
  }
  const renumbered = (line: string | undefined, seq: number) => line?.replace(/"seq":\d/, `"seq":${seq}`);

  it.each([
    ['a line taken out', (lines: string[]) => [lines[0], lines[2]], '2: expected line 2'],
    [
      'a line taken out and the next numbered on',
      (lines: string[]) => [lines[0], renumbered(lines[2], 2)],
      // Nothing vouches for the last line, so that it is the first that seems to be another.
      '1: expected line 1',
    ],
    ['a line that is none', (lines: string[]) => [lines[0], 'nonsense', lines[2]], '2: expected line 2'],
    [
      'a kind that may not leave',
      (lines: string[]) => [lines[0], lines[1]?.replace('update', 'patient'), lines[2]],
      '2: expected line 2',
    ],
    [
      'one digit that is another',
      (lines: string[]) => [lines[0], lines[1]?.replace('"bytes":8', '"bytes":9'), lines[2]],
      '2: expected line 2',
    ],
    ['two lines in another order', (lines: string[]) => [lines[0], lines[2], lines[1]], '2: expected line 2'],
  ])('is not used with %s, and names the line', async (_what, change, named) => {
    const { path } = await changed(change);
    await expect(fileLedger(path)).rejects.toMatchObject({
      code: 'STATE_CORRUPT',
      message: expect.stringContaining(`${path}:${named}`),
    });
  });

  it.each([
    ['its last line cut off', (lines: string[]) => lines.slice(0, 2), 'truncated'],
    [
      'a digit of its last line that is another',
      (lines: string[]) => [...lines.slice(0, 2), lines[2]?.replace('"bytes":8', '"bytes":9')],
      'edited',
    ],
    ['nothing left', () => [], 'truncated'],
  ])('is not used with %s, where the audit log keeps its head', async (_what, change, word) => {
    const { path, head } = await changed(change);
    const message = expect.stringContaining(word);
    await expect(fileLedger(path, [head])).rejects.toMatchObject({ code: 'STATE_CORRUPT', message });
    await expect(readLedger(path, [head])).rejects.toMatchObject({ code: 'STATE_CORRUPT', message });
  });

  it('goes on from lines of before there was a chain, the last of which the first chained one vouches for', async () => {
    const path = join(await folder(), 'ledger.jsonl');
    const old = [1, 2].map((seq) => JSON.stringify({ seq, ...LINE }));
    await writeFile(path, `${old.join('\n')}\n`);
    const ledger = await fileLedger(path);
    await ledger.append(LINE);
    await ledger.append(LINE);
    await ledger.close();
    expect((await readLedger(path, [])).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const { prev } = JSON.parse(lines[2] as string);
    expect(prev).toBe(sha256(old[1] as string));
    const unchained = lines[3]?.replace(/,"prev":"[0-9a-f]*"/, '');
    await writeFile(path, `${[...lines.slice(0, 3), unchained].join('\n')}\n`);
    await expect(readLedger(path, [])).rejects.toThrow(`${path}:4: `);
    await writeFile(path, `${[lines[0], lines[1]?.replace('8', '9'), ...lines.slice(2)].join('\n')}\n`);
    await expect(readLedger(path, [])).rejects.toThrow(`${path}:2: `);
  });

  it('is readable by its owner alone', async () => {
    const path = join(await folder(), 'ledger.jsonl');
    await (await fileLedger(path)).close();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

describe('takeLease', () => {
  it('refuses a second daemon, naming the folder, until the first has gone', async () => {
    const at = await folder();
    const path = join(at, 'daemon.lock');
    const lease = takeLease(at, path);
    expect(() => takeLease(at, path)).toThrow(
      expect.objectContaining({ code: 'STATE_MISMATCH', message: expect.stringContaining(at) }),
    );
    lease.close();
    takeLease(at, path).close();
  });
});

describe('withLock', () => {
  it('lets one piece of work in at a time', async () => {
    const path = join(await folder(), 'a.lock');
    const inside: string[] = [];
    const work = (name: string) => async () => {
      inside.push(`${name} in`);
      await readdir(tmpdir());
      inside.push(`${name} out`);
    };
    await Promise.all([withLock(path, work('a')), withLock(path, work('b'))]);
    expect(inside).toEqual(['a in', 'a out', 'b in', 'b out']);
  });
});

describe('fileBlockCache', () => {
  const block = (value: number, length = 4) => new Float32Array(length).fill(value);
  const hashOf = (values: Float32Array) => sha256(bytesOf(values));

  it('gives back the very values, and nothing for a block that was changed on disk', async () => {
    const at = await folder();
    const cache = fileBlockCache(at, { maxBytes: 1000, clock: virtualClock() });
    const hash = hashOf(block(1.5));
    await cache.put(hash, block(1.5));
    expect(await cache.find(hash)).toEqual(block(1.5));
    const bytes = await readFile(join(at, hash));
    bytes[3] = (bytes[3] as number) ^ 1;
    await writeFile(join(at, hash), bytes);
    expect(await cache.find(hash)).toBeUndefined();
    expect(await readdir(at)).toEqual([]);
  });

  it('deletes what was used longest ago to stay within its bytes', async () => {
    const at = await folder();
    const clock = virtualClock(1_000_000);
    const cache = fileBlockCache(at, { maxBytes: 32, clock });
    const [a, b, c] = [block(1), block(2), block(3)] as const; // 16 bytes each: two fit
    for (const values of [a, b]) {
      await cache.put(hashOf(values), values);
      clock.advance(10_000);
    }
    await cache.find(hashOf(a));
    clock.advance(10_000);
    await cache.put(hashOf(c), c);
    expect(await cache.find(hashOf(b))).toBeUndefined();
    expect(await cache.find(hashOf(a))).toEqual(a);
    expect(await cache.find(hashOf(c))).toEqual(c);
    await cache.put(hashOf(block(4, 9)), block(4, 9)); // 36 bytes
    expect((await readdir(at)).length).toBe(2);
  });

  it('fetches a block once', async () => {
    const cache = fileBlockCache(await folder(), { maxBytes: 1000, clock: virtualClock() });
    let asked = 0;
    const bare = {
      fetchBlock: async () => {
        asked += 1;
        return block(asked);
      },
    } as Partial<CoordinatorPort> as CoordinatorPort;
    const port = withBlockCache(bare, cache);
    const hash = hashOf(block(1));
    expect(await port.fetchBlock(hash)).toEqual(block(1));
    expect(await port.fetchBlock(hash)).toEqual(block(1));
    expect(asked).toBe(1);
  });

  it('keeps nothing under a hash that is another', async () => {
    const cache = fileBlockCache(await folder(), { maxBytes: 1000, clock: virtualClock() });
    await expect(cache.put(hashOf(block(1)), block(2))).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });
});

describe('fileApprovals', () => {
  const key = signingKeyOf(new Uint8Array(32).fill(3));
  const approve = (study: string, untilMs = 9000) =>
    signApproval(
      { role: 'site', id: 'north', key },
      { site: siteId('north'), studyHash: sha256(study), policyHash: sha256('policy'), untilMs },
    );

  it('keeps one approval per study, and forgets one that is withdrawn', async () => {
    const approvals = fileApprovals(join(await folder(), 'approvals.json'), key.publicKey);
    expect(await approvals.all()).toEqual([]);
    await approvals.add(approve('a'));
    await approvals.add(approve('b'));
    await approvals.add(approve('a', 9500));
    expect(await approvals.all()).toEqual([approve('b'), approve('a', 9500)]);
    expect(await approvals.remove(sha256('a'))).toBe(true);
    expect(await approvals.remove(sha256('a'))).toBe(false);
    expect(await approvals.all()).toEqual([approve('b')]);
  });

  it('is not used once somebody changed it', async () => {
    const path = join(await folder(), 'approvals.json');
    const approvals = fileApprovals(path, key.publicKey);
    await approvals.add(approve('a'));
    await writeFile(path, (await readFile(path, 'utf8')).replace('9000', '9001'));
    await expect(approvals.all()).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });
});

describe('fileTrainingTime', () => {
  it('counts what lies within the time asked about, also after a restart', async () => {
    const path = join(await folder(), 'training-time.jsonl');
    const first = await fileTrainingTime(path);
    await first.add({ endMs: 1000, durationMs: 600 });
    await first.add({ endMs: 2000, durationMs: 300 });
    await first.close();
    const second = await fileTrainingTime(path);
    expect(second.since(0)).toBe(900);
    expect(second.since(800)).toBe(500); // 200 of the first, 300 of the second
    expect(second.since(2000)).toBe(0);
    await second.close();
  });

  it('takes a line that it cannot read for a whole day', async () => {
    const path = join(await folder(), 'training-time.jsonl');
    await writeFile(path, 'nonsense\n');
    const time = await fileTrainingTime(path);
    expect(time.since(10 ** 12)).toBe(24 * 3_600_000);
    await time.close();
  });
});
