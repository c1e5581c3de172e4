import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import type { RunningCoordinator } from '../../server/app.ts';
import { auditFile, readAudit, readHeads } from '../../shared/audit/audit-files.ts';
import { type AuditLog, openAuditLog } from '../../shared/audit/audit-log.ts';
import { checkAuditLog } from '../../shared/audit/check-log.ts';
import { signHead } from '../../shared/audit/checkpoint.ts';
import { lineHash } from '../../shared/audit/hash-chain.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import { askedPauseMs } from '../../shared/transport/status.ts';
import { encodeAuditHead } from '../../shared/wire/session-codec.ts';
import { inlinePool } from '../../simulations/engine/inline-pool.ts';
import {
  prepareSite,
  runDaemon,
  type SmallNetwork,
  siteCalls,
  smallNetwork,
} from '../helpers/small-network.ts';

const EXCHANGE = '/consilium.v1.SessionService/ExchangeAuditHeads';

let network: SmallNetwork;
let pool: TrainingPool;
let coordinator: RunningCoordinator;
let audit: AuditLog;
let folder: string;
beforeAll(async () => {
  network = await smallNetwork(['north', 'south']);
  pool = await inlinePool();
  folder = join(network.folder, 'coordinator');
  await mkdir(folder, { recursive: true });
  const { key } = network.consortium.coordinator.signer;
  audit = await openAuditLog({ folder: join(folder, 'audit'), key, clock: systemClock });
  coordinator = await network.startCoordinator({
    audit: async (type, data) => {
      await audit.append({ type, data });
    },
    auditHeads: { head: () => audit.head(), folder: join(folder, 'state', 'site-heads') },
  });
});
afterAll(async () => {
  await coordinator.stop(0);
  await audit.close();
  network.remove();
});

/** A daemon that finds nothing to do, and ends. */
async function daemonOf(site: string): Promise<void> {
  await prepareSite(network, site, { id: 'none', hash: sha256('no study'), mapping: 'none', data: '.' });
  await runDaemon(network, site, {
    port: coordinator.ports.sites,
    pool,
    signal: new AbortController().signal,
  });
}

const keptOf = (site: string) => join(folder, 'state', 'site-heads', `${site}.jsonl`);

describe('A14: site and coordinator keep the heads of each other', () => {
  it('to the last line that the site wrote, and to one that the coordinator wrote', async () => {
    await daemonOf('north');
    const place = network.nodeFolder('north');
    const { lines } = await readAudit(place.audit);
    const last = (await readHeads(keptOf('north'))).at(-1);
    expect({ seq: last?.seq, head: last?.head }).toEqual({
      seq: lines.length,
      head: lineHash(lines.at(-1) as string),
    });
    expect(lines.at(-1)).toContain('daemon.stopped');
    const own = await readAudit(join(folder, 'audit'));
    const seen = (await readHeads(place.witness)).at(-1);
    expect(lineHash(own.lines[(seen?.seq ?? 0) - 1] as string)).toBe(seen?.head);
  });

  it('so that an end which a site cuts off is found by what the coordinator kept', async () => {
    const { audit: log } = network.nodeFolder('north');
    const { publicKey } = network.site('north').signer.key;
    const check = (witness: string | undefined) => checkAuditLog({ folder: log, witness, publicKey });
    expect((await check(keptOf('north'))).exitCode).toBe(0);
    const path = auditFile(log, 1);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    writeFileSync(path, `${lines.slice(0, -1).join('\n')}\n`);
    // Its own checkpoints go with it, as they would.
    writeFileSync(join(log, 'checkpoints.jsonl'), '');
    expect((await check(undefined)).exitCode).toBe(0);
    expect(await check(keptOf('north'))).toMatchObject({
      exitCode: 1,
      text: `line ${lines.length}: truncated: a head that was kept lies beyond the end`,
      data: { ok: false, seq: lines.length, flaw: 'truncated' },
    });
  });

  it('so that an end which the coordinator cuts off is found by what a site kept', async () => {
    await daemonOf('south');
    const { witness } = network.nodeFolder('south');
    const { publicKey } = network.consortium.coordinator.signer.key;
    const copy = join(network.folder, 'cut');
    await mkdir(copy);
    const { lines } = await readAudit(join(folder, 'audit'));
    const seen = (await readHeads(witness)).at(-1)?.seq as number;
    writeFileSync(auditFile(copy, 1), `${lines.slice(0, seen - 1).join('\n')}\n`);
    expect(await checkAuditLog({ folder: copy, witness, publicKey })).toMatchObject({
      data: { ok: false, seq: seen, flaw: 'truncated' },
    });
  });

  it('and refuse a head that another signed', async () => {
    const calls = await siteCalls(network, 'south', coordinator.ports.sites);
    const head = signHead(generateSigningKey(), { seq: 99, head: sha256('made up'), timeMs: 1 });
    await expect(calls.call(EXCHANGE, encodeAuditHead(head), { tries: 1 })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    calls.connection.close();
  });

  it('and put on record that a site shows two versions of a line', async () => {
    const calls = await siteCalls(network, 'south', coordinator.ports.sites);
    const { key } = network.site('south').signer;
    for (const version of ['one', 'another', 'a third']) {
      const head = signHead(key, { seq: 500, head: sha256(version), timeMs: 1 });
      await calls.call(EXCHANGE, encodeAuditHead(head), { tries: 1 });
    }
    calls.connection.close();
    const { lines } = await readAudit(join(folder, 'audit'));
    expect(lines.filter((line) => line.includes('attack.equivocation'))).toHaveLength(2);
    // The second one is the proof; a third is not kept.
    expect((await readHeads(keptOf('south'))).filter(({ seq }) => seq === 500)).toHaveLength(2);
  });

  it('and turn a site away that shows its head more than six times in a minute, until one is welcome again', async () => {
    const calls = await siteCalls(network, 'south', coordinator.ports.sites);
    const { key } = network.site('south').signer;
    const head = encodeAuditHead(signHead(key, { seq: 1, head: sha256('the first'), timeMs: 1 }));
    for (let i = 0; i < 6; i++) await calls.call(EXCHANGE, head, { tries: 1 });
    const refusal = await calls.call(EXCHANGE, head, { tries: 1 }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'BUSY', spec: { status: 'RESOURCE_EXHAUSTED' } });
    // The first of the six has been there for less than ten seconds: this one is welcome a minute after it.
    expect(askedPauseMs(refusal)).toBeGreaterThan(50_000);
    expect(askedPauseMs(refusal)).toBeLessThanOrEqual(60_000);
    calls.connection.close();
    const newer = await siteCalls(network, 'south', coordinator.ports.sites);
    await newer.call(EXCHANGE, head, { tries: 1 });
    newer.connection.close();
  });
});
