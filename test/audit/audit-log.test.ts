import { appendFile, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAudit } from '../../shared/audit/audit-files.ts';
import { auditLine, readAuditLine } from '../../shared/audit/audit-line.ts';
import { openAuditLog } from '../../shared/audit/audit-log.ts';
import { signHead } from '../../shared/audit/checkpoint.ts';
import { FIRST_PREV, lineHash } from '../../shared/audit/hash-chain.ts';
import { verifyAudit } from '../../shared/audit/verify.ts';
import { openWitness } from '../../shared/audit/witness.ts';
import { virtualClock } from '../../shared/core/clock.ts';
import { watchDurableWrites } from '../../shared/core/failpoint.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { generateSigningKey, signingKeyOf } from '../../shared/crypto/sign.ts';
import type { AuditHead } from '../../shared/protocol/session.ts';

const KEY = signingKeyOf(new Uint8Array(32).fill(7));
const STUDY = sha256('a study');

/** A sound log of `count` lines, as text. */
function chain(count: number): string[] {
  const lines: string[] = [];
  for (let round = 1; round <= count; round++) {
    const entry = {
      type: 'update.sent',
      study: STUDY,
      round,
      data: { block: 'encoder:labs', bytes: 8 },
    } as const;
    lines.push(auditLine(entry, lines.at(-1), 1000 * round));
  }
  return lines;
}

function headOf(lines: readonly string[], seq: number): AuditHead {
  return signHead(KEY, { seq, head: lineHash(lines[seq - 1] as string), timeMs: 5 });
}

function verdict(lines: readonly string[], heads: { own?: AuditHead[]; seen?: AuditHead[] } = {}) {
  const { own = [], seen = [] } = heads;
  return verifyAudit({ lines, checkpoints: own, witnessed: seen, publicKey: KEY.publicKey });
}

const LINES = chain(6);

describe('A14: an audit file that was tampered with', () => {
  it('is whole while nobody touched it', () => {
    expect(verdict(LINES, { own: [headOf(LINES, 6)] })).toEqual({
      ok: true,
      lines: 6,
      head: lineHash(LINES[5] as string),
    });
  });

  it.each([1, 2, 3, 4, 5])('names line %i where its content was edited', (seq) => {
    const edited = LINES.map((line, i) => (i === seq - 1 ? line.replace('"bytes":8', '"bytes":9') : line));
    expect(verdict(edited)).toEqual({ ok: false, seq, flaw: 'edited' });
  });

  it('names the last line where that was edited and a checkpoint covers it', () => {
    const edited = [...LINES.slice(0, 5), (LINES[5] as string).replace('"bytes":8', '"bytes":9')];
    expect(verdict(edited, { own: [headOf(LINES, 6)] })).toEqual({ ok: false, seq: 6, flaw: 'edited' });
  });

  it('names the line whose own link was edited', () => {
    const edited = LINES.map((line, i) =>
      i === 2 ? line.replace(/sha256:[0-9a-f]{64}"}$/, `sha256:${FIRST_PREV}"}`) : line,
    );
    expect(verdict(edited)).toEqual({ ok: false, seq: 3, flaw: 'edited' });
  });

  it('finds a history written anew, links and all, by a checkpoint', () => {
    const anew = chain(3).map((line) => line);
    const other = auditLine({ type: 'daemon.started' }, anew[2], 9000);
    expect(verdict([...anew, other], { own: [headOf(LINES, 4)] })).toEqual({
      ok: false,
      seq: 4,
      flaw: 'edited',
    });
  });

  it.each([1, 3, 5])('names line %i where it was deleted', (seq) => {
    expect(verdict(LINES.filter((_, i) => i !== seq - 1))).toEqual({ ok: false, seq, flaw: 'missing' });
  });

  it('names the first of two lines that were swapped', () => {
    const [a, b, c, d, e, f] = LINES as [string, string, string, string, string, string];
    expect(verdict([a, c, b, d, e, f])).toEqual({ ok: false, seq: 2, flaw: 'reordered' });
  });

  it('finds an end that was cut off by the head that a peer kept', () => {
    const cut = LINES.slice(0, 4);
    expect(verdict(cut).ok).toBe(true);
    expect(verdict(cut, { seen: [headOf(LINES, 6)] })).toEqual({ ok: false, seq: 5, flaw: 'truncated' });
  });

  it('finds a log that is gone altogether by the head that a peer kept', () => {
    expect(verdict([], { seen: [headOf(LINES, 6)] })).toEqual({ ok: false, seq: 1, flaw: 'truncated' });
  });

  it('names the number that a line was added under', () => {
    const added = auditLine({ type: 'daemon.started' }, LINES[1], 2500);
    expect(verdict([...LINES.slice(0, 2), added, ...LINES.slice(2)])).toEqual({
      ok: false,
      seq: 3,
      flaw: 'added',
    });
  });

  it('names a line that is no line of a log', () => {
    expect(verdict([...LINES.slice(0, 2), '{"seq":3}', ...LINES.slice(3)])).toEqual({
      ok: false,
      seq: 3,
      flaw: 'edited',
    });
  });

  it('names a checkpoint that another key signed', () => {
    const head = signHead(generateSigningKey(), { seq: 3, head: lineHash(LINES[2] as string), timeMs: 5 });
    expect(verdict(LINES, { own: [head] })).toEqual({ ok: false, seq: 3, flaw: 'bad-signature' });
  });

  it('takes no line break, sentence or path into a value', () => {
    for (const value of ['two\nlines', 'a sentence', '/data/heart', 'C:\\data', '', Number.NaN]) {
      expect(() => auditLine({ type: 'round.failed', data: { value } }, undefined, 0)).toThrow(
        /INTERNAL|expected ids/,
      );
    }
  });

  it('finds a line break that somebody wrote into a value of the file', () => {
    const broken = LINES.join('\n').replace('encoder:labs', 'encoder:\nlabs').split('\n');
    expect(verdict(broken)).toEqual({ ok: false, seq: 1, flaw: 'edited' });
  });

  it('finds any change of any byte of a signed log', () => {
    const text = LINES.join('\n');
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 127 }), (at, flip) => {
        const changed = `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ flip)}${text.slice(at + 1)}`;
        expect(verdict(changed.split('\n'), { own: [headOf(LINES, 6)] }).ok).toBe(false);
      }),
    );
  });
});

async function opened(options: { readonly fileBytes?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  const clock = virtualClock(Date.UTC(2026, 11, 1));
  const open = () => openAuditLog({ folder, key: KEY, clock, ...options });
  const check = async () => {
    const { lines, checkpoints } = await readAudit(folder);
    return { lines, checkpoints, verdict: verdict(lines, { own: [...checkpoints] }) };
  };
  return { folder, clock, open, check };
}

const ENTRY = { type: 'daemon.started', data: { version: '0.1.0' } } as const;

describe('openAuditLog', () => {
  it('writes a line as the paper has it, chained to the exact bytes before', async () => {
    const { folder, open } = await opened();
    const log = await open();
    await log.append(ENTRY);
    await log.append({
      type: 'update.sent',
      study: STUDY,
      round: 12,
      data: { block: 'encoder:labs', bytes: 4194308 },
    });
    await log.close();
    const [first, second] = (await readFile(join(folder, '000001.jsonl'), 'utf8')).split('\n') as [
      string,
      string,
    ];
    expect(first).toBe(
      `{"seq":1,"time":"2026-12-01T00:00:00.000Z","type":"daemon.started","data":{"version":"0.1.0"},"prev":"sha256:${'0'.repeat(64)}"}`,
    );
    expect(JSON.parse(second)).toEqual({
      seq: 2,
      time: '2026-12-01T00:00:00.000Z',
      type: 'update.sent',
      study: `sha256:${STUDY}`,
      round: 12,
      data: { block: 'encoder:labs', bytes: 4194308 },
      prev: `sha256:${sha256(first)}`,
    });
  });

  it('R15: writes what comes at once in few syncs, in order, and refuses only what is no entry', async () => {
    const { open, check } = await opened();
    const log = await open();
    let syncs = 0;
    const end = watchDurableWrites(async (step) => {
      if (step === 'synced') syncs += 1;
    });
    const sentence = log.append({ type: 'session.opened', data: { id: 'a sentence' } });
    const refused = expect(sentence).rejects.toMatchObject({ code: 'INTERNAL' });
    const seqs = await Promise.all(
      Array.from({ length: 50 }, async () => (await log.append(ENTRY)).seq),
    ).finally(end);
    await refused;
    expect(seqs).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    // Those that came by the first turn, and the rest.
    expect(syncs).toBeLessThanOrEqual(2);
    await log.close();
    expect((await check()).verdict).toMatchObject({ ok: true, lines: 50 });
  });

  it('goes on where it was when it is opened again, also behind a torn last line', async () => {
    const { folder, open, check } = await opened();
    const log = await open();
    await log.append(ENTRY);
    await log.close();
    await appendFile(join(folder, '000001.jsonl'), '{"seq":2,"ti');
    const again = await open();
    expect((await again.append(ENTRY)).seq).toBe(2);
    await again.close();
    expect((await check()).verdict).toMatchObject({ ok: true, lines: 2 });
  });

  it('keeps the chain over a new file, which begins with the last hash of the one before', async () => {
    const { folder, open, check } = await opened({ fileBytes: 300 });
    const log = await open();
    for (let i = 0; i < 5; i++) await log.append(ENTRY);
    await log.close();
    const files = (await readdir(folder)).filter((name) => /^\d/.test(name));
    expect(files.length).toBeGreaterThan(1);
    const [last, first] = await Promise.all(
      files.slice(0, 2).map(async (name) => (await readFile(join(folder, name), 'utf8')).trim().split('\n')),
    );
    expect(readAuditLine(first?.[0] as string)?.prev).toBe(lineHash(last?.at(-1) as string));
    const again = await open();
    await again.append(ENTRY);
    await again.close();
    expect((await check()).verdict).toMatchObject({ ok: true, lines: 6 });
  });

  it('signs a checkpoint at the hundredth line', async () => {
    const { open, check } = await opened();
    const log = await open();
    for (let i = 0; i < 99; i++) await log.append(ENTRY);
    expect((await check()).checkpoints).toHaveLength(0);
    await log.append(ENTRY);
    await log.close();
    expect((await check()).checkpoints.map(({ seq }) => seq)).toEqual([100]);
  });

  it('signs a checkpoint when a line has waited for a minute, and not before', async () => {
    const { clock, open, check } = await opened();
    const log = await open();
    await log.append(ENTRY);
    clock.advance(59_999);
    await log.tick();
    expect((await check()).checkpoints).toHaveLength(0);
    clock.advance(1);
    await log.tick();
    await log.tick();
    await log.close();
    expect((await check()).checkpoints.map(({ seq }) => seq)).toEqual([1]);
  });

  it('keeps one chain where two processes write', async () => {
    const { open, check } = await opened();
    const [one, two] = [await open(), await open()];
    for (let i = 0; i < 4; i++) await (i % 2 === 0 ? one : two).append(ENTRY);
    await Promise.all([one.close(), two.close()]);
    expect((await check()).verdict).toMatchObject({ ok: true, lines: 4 });
  });

  it('does not go on behind a last line that is none', async () => {
    const { folder, open } = await opened();
    await writeFile(join(folder, '000001.jsonl'), 'nonsense\n');
    await expect(open()).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });
});

describe('openWitness', () => {
  it('keeps the newest head of a peer, and says so when the peer shows two of one number', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'witness-')), 'heads.jsonl');
    const witness = await openWitness(path);
    expect(await witness.keep(headOf(LINES, 4))).toBe('kept');
    expect(await witness.keep(headOf(LINES, 3))).toBe('known');
    const other = signHead(KEY, { seq: 4, head: sha256('another line'), timeMs: 6 });
    expect(await witness.keep(other)).toBe('conflict');
    await witness.close();
    const again = await openWitness(path);
    expect(await again.keep(headOf(LINES, 4))).not.toBe('kept');
    await again.close();
  });
});
