import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { budgetFile, openSiteBudget } from '../../client/node/site-budget.ts';
import type { BudgetLedger } from '../../client/privacy/budget-ledger.ts';
import { fileApprovals } from '../../client/storage/approvals.ts';
import { fileBlockCache } from '../../client/storage/block-cache.ts';
import { fileLedger, readLedger } from '../../client/storage/file-ledger.ts';
import { fileMemory } from '../../client/storage/memory-file.ts';
import { fileOutbox } from '../../client/storage/outbox.ts';
import { fileBlobs } from '../../server/storage/blobs.ts';
import { linkEvents, verifyChain } from '../../server/storage/event-chain.ts';
import { EVENTS_FILE, sqliteEvents } from '../../server/storage/sqlite.ts';
import { staging } from '../../server/storage/staging.ts';
import { createStudyFile, openStudyFile, STUDY_FILE } from '../../server/studies/study-file.ts';
import { auditLine } from '../../shared/audit/audit-line.ts';
import { openAuditLog } from '../../shared/audit/audit-log.ts';
import { verifyAudit } from '../../shared/audit/verify.ts';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { JOINT_BLOCK, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { signApproval } from '../../shared/identity/approval.ts';
import { openMembership } from '../../shared/identity/membership.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import { trialConsortium } from '../../shared/identity/trial.ts';
import { BUNDLE_FILE, readBundle, writeBundle } from '../../shared/model/bundle-file.ts';
import { SITE_KEY } from '../helpers/durable-site.ts';
import { newCharge } from '../helpers/new-charge.ts';
import { quickDisk } from '../helpers/power-loss.ts';
import { bundleOf } from '../model/bundle-fixture.ts';
import { MODALITIES } from '../model/fixtures.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(quickDisk(), 'flipped-bits-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file of a store, and how it is read again. */
interface Stored {
  readonly path: string;
  /** Undefined: not used, to be fetched again. */
  read(): Promise<unknown>;
  /** From one flipped bit to the next; 7 unless given, which comes by each bit of a byte. */
  readonly stride?: number;
  /** How much of the file is known to be used, in [0, 1]; 1/2 unless given. */
  readonly used?: number;
}

/** What a store says of a file that is not as it was written. */
const FOUND: readonly unknown[] = [
  undefined,
  'STATE_CORRUPT',
  'ROSTER_INVALID',
  'BUNDLE_INVALID',
  'LEDGER_DAMAGED',
  'WIRE_INVALID',
  'FILE_UNREADABLE',
];

const VALUES = Float32Array.of(1, 2, 3, 4);
const SITE = siteId('north');
const BLOCKS = new Map([[JOINT_BLOCK, VALUES]]);
const UPDATE = {
  site: SITE,
  studyHash: sha256('study'),
  round: 1,
  blocks: [{ block: JOINT_BLOCK, weight: 3, steps: 0, vector: Int32Array.of(1, -2), clipped: false }],
  loss: 0.5,
};

const STORES: Readonly<Record<string, () => Promise<Stored>>> = {
  async 'blob of the coordinator'() {
    const blobs = await fileBlobs(folder);
    const hash = await blobs.put(bytesOf(VALUES));
    return { path: join(folder, hash.slice(0, 2), hash), read: () => blobs.get(hash) };
  },
  async 'block of the cache'() {
    const hash = sha256(bytesOf(VALUES));
    const cache = fileBlockCache(folder, { maxBytes: 1000, clock: systemClock });
    const path = join(folder, hash);
    // A block that was found to be another is gone: it is put there again for the next bit.
    await cache.put(hash, VALUES);
    return { path, read: () => cache.find(hash) };
  },
  async 'message in the outbox'() {
    const outbox = fileOutbox(folder);
    await outbox.put({ kind: 'update', update: UPDATE });
    return {
      path: join(folder, 'round-000001.update'),
      read: () => outbox.find({ round: 1, kind: 'update' }),
    };
  },
  async 'memory of a site'() {
    const memory = fileMemory(folder, 'all');
    await memory.save(1, BLOCKS);
    return { path: join(folder, 'round-000001.bin'), read: () => memory.after(1) };
  },
  async 'file of approvals'() {
    const path = join(folder, 'approvals.json');
    const approvals = fileApprovals(path, SITE_KEY.publicKey);
    const said = { site: SITE, studyHash: sha256('study'), policyHash: sha256('policy'), untilMs: 9000 };
    await approvals.add(signApproval({ role: 'site', id: SITE, key: SITE_KEY }, said));
    return { path, read: () => approvals.all() };
  },
  async 'ledger of what left'() {
    const path = join(folder, 'ledger.jsonl');
    const ledger = await fileLedger(path);
    const line = { time: 5, kind: 'update', study: sha256('study'), bytes: 8, hash: sha256('sent') } as const;
    for (const round of [1, 2, 3]) await ledger.append({ ...line, round });
    const head = ledger.head();
    await ledger.close();
    return { path, read: () => readLedger(path, [head]) };
  },
  async roster() {
    const { words, roster } = await trialConsortium({
      consortium: 'heartland',
      sites: [SITE],
      endpoints: ['localhost:8443'],
      nowMs: systemClock.now(),
    });
    const store = rosterFolder(folder);
    await store.save(1, roster.bytes);
    const read = async () => (await openMembership({ store, pinned: { words } })).current();
    return { path: join(folder, '000001.json'), read, stride: 31 };
  },
  async 'published model'() {
    const path = join(folder, BUNDLE_FILE);
    await chooseBackend({ prefer: 'cpu' });
    await writeBundle(path, bundleOf({ modalities: [MODALITIES.labs] }));
    return { path, read: async () => readBundle(path), stride: 63 };
  },
  async "study's file"() {
    const signed = { document: Buffer.from('{"a":1}'), lead: 'lead', signature: new Uint8Array(64) };
    const said = { site: SITE, studyHash: sha256('study'), policyHash: sha256('policy'), untilMs: 9000 };
    const approval = signApproval({ role: 'site', id: SITE, key: SITE_KEY }, said);
    await createStudyFile(folder, {
      signed,
      sites: [SITE],
      approvals: new Map([[SITE, approval]]),
      paused: 'for the summer',
    });
    return { path: join(folder, STUDY_FILE), read: async () => (await openStudyFile(folder)).record };
  },
  'content of an upload': () => upload('part'),
  'manifest of an upload': () => upload('manifest'),
  async 'database of events'() {
    const path = join(folder, EVENTS_FILE);
    const events = sqliteEvents(path);
    const event = { timeMs: 5, type: 'study.opened', version: 1, round: 0, payload: '{"a":1}' };
    await events.append(['a', 'b', 'c'].map((key) => ({ ...event, key })));
    await events.close();
    // All of it in the one file: SQLite takes a flipped bit in its write-ahead log for the end of that.
    const database = new DatabaseSync(path);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
    const read = async () => {
      const opened = sqliteEvents(path);
      try {
        const rows = await opened.read();
        verifyChain(rows);
        return rows;
      } finally {
        await opened.close();
      }
    };
    return { path, read, stride: 397, used: 0.01 };
  },
  async 'ledger of privacy budget'() {
    const place = { state: folder, audit: join(folder, 'audit') };
    const path = budgetFile(place);
    const withBudget = async (work: (budget: BudgetLedger) => Promise<unknown>) => {
      const audit = await openAuditLog({ folder: place.audit, key: SITE_KEY, clock: systemClock });
      try {
        const budget = await openSiteBudget(place, { audit, clock: systemClock });
        try {
          await work(budget);
          return [...budget.charges()];
        } finally {
          budget.close();
        }
      } finally {
        await audit.close();
      }
    };
    await withBudget(async (budget) => {
      for (const round of [1, 2])
        await budget.charge(newCharge(round), { maxEpsilon: null, maxEpsilonTotal: null });
    });
    return { path, read: () => withBudget(async () => undefined), stride: 797, used: 0.01 };
  },
};

/** A whole upload on the coordinator's disk, as a coordinator that has started again reads it. */
async function upload(file: 'part' | 'manifest'): Promise<Stored> {
  const content = Uint8Array.from({ length: 500 }, (_, i) => i);
  const key = { site: SITE, round: 1, contentHash: sha256(content) };
  const receiving = await (await staging(folder)).receive({
    ...key,
    studyHash: sha256('study'),
    totalBytes: content.length,
    chunkHashes: [sha256(content)],
    content: { kind: 'evaluation', part: 'test' },
  });
  await receiving.add({ offset: 0, data: content });
  await receiving.close();
  const path = join(folder, `${SITE}.1.${key.contentHash}.${file}`);
  return { path, read: async () => (await staging(folder)).take(key) };
}

/** The value as it can be compared, once the flipped bit turned out to change nothing (as blanks in JSON). */
async function outcome(read: () => Promise<unknown>): Promise<unknown> {
  return read().catch((error: { code?: string }) => error.code ?? error);
}

describe('one flipped bit', () => {
  it.each(Object.keys(STORES))(
    'R5: in a %s is found, or changes nothing of what is read',
    async (name) => {
      const store = STORES[name] as () => Promise<Stored>;
      const { path, read, stride = 7, used = 0.5 } = await store();
      const [whole, sound] = [readFileSync(path), await read()];
      let found = 0;
      let flips = 0;
      for (let bit = 0; bit < 8 * whole.length; bit += stride) {
        const flipped = Buffer.from(whole);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        mkdirSync(join(path, '..'), { recursive: true });
        writeFileSync(path, flipped);
        const result = await outcome(read);
        flips += 1;
        if (FOUND.includes(result)) found += 1;
        else expect([bit, result]).toEqual([bit, sound]);
      }
      expect(found).toBeGreaterThan(used * flips);
    },
    60_000,
  );

  it('R5: in any field of an event is found by the chain, which names the event', () => {
    const event = { timeMs: 5, type: 'study.opened', version: 1, round: 0, payload: '{"a":1}' };
    const rows = linkEvents(
      ['a', 'b', 'c'].map((key) => ({ ...event, key })),
      undefined,
    );
    for (const field of ['timeMs', 'type', 'version', 'round', 'key', 'payload', 'prev', 'hash'] as const) {
      const changed = rows.map((row) => {
        if (row.seq !== 2) return row;
        const value = row[field];
        const flipped =
          typeof value === 'number'
            ? value ^ 1
            : String.fromCharCode(value.charCodeAt(0) ^ 1) + value.slice(1);
        return { ...row, [field]: flipped };
      });
      expect(() => verifyChain(changed), field).toThrow('event 2: ');
    }
  });

  it('R5: in any byte of an audit log but its last line is found by its chain', () => {
    const lines: string[] = [];
    for (let round = 1; round <= 3; round += 1)
      lines.push(auditLine({ type: 'update.sent', round, data: { bytes: 8 } }, lines.at(-1), 1000));
    const { publicKey } = SITE_KEY;
    for (const seq of [1, 2]) {
      const line = lines[seq - 1] as string;
      for (let at = 0; at < line.length; at += 1) {
        const flipped = line.slice(0, at) + String.fromCharCode(line.charCodeAt(at) ^ 1) + line.slice(at + 1);
        const changed = lines.map((each, i) => (i === seq - 1 ? flipped : each));
        expect(verifyAudit({ lines: changed, checkpoints: [], witnessed: [], publicKey }).ok).toBe(false);
      }
    }
  });
});
