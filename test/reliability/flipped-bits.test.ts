import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileApprovals } from '../../client/storage/approvals.ts';
import { fileBlockCache } from '../../client/storage/block-cache.ts';
import { fileMemory } from '../../client/storage/memory-file.ts';
import { fileOutbox } from '../../client/storage/outbox.ts';
import { fileBlobs } from '../../server/storage/blobs.ts';
import { linkEvents, verifyChain } from '../../server/storage/event-chain.ts';
import { auditLine } from '../../shared/audit/audit-line.ts';
import { verifyAudit } from '../../shared/audit/verify.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { JOINT_BLOCK, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { signApproval } from '../../shared/identity/approval.ts';
import { SITE_KEY } from '../helpers/durable-site.ts';
import { quickDisk } from '../helpers/power-loss.ts';

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
}

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
};

/** The value as it can be compared, once the flipped bit turned out to change nothing (as blanks in JSON). */
async function outcome(read: () => Promise<unknown>): Promise<unknown> {
  return read().catch((error: { code?: string }) => error.code ?? error);
}

describe('one flipped bit', () => {
  it.each(Object.keys(STORES))('R5: in a %s is found, or changes nothing of what is read', async (name) => {
    const store = STORES[name] as () => Promise<Stored>;
    const { path, read } = await store();
    const [whole, sound] = [readFileSync(path), await read()];
    let found = 0;
    for (let bit = 0; bit < 8 * whole.length; bit += 7) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, flipped);
      const result = await outcome(read);
      if (result === undefined || result === 'STATE_CORRUPT') found += 1;
      else expect([bit, result]).toEqual([bit, sound]);
    }
    expect(found).toBeGreaterThan(whole.length / 2);
  });

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
