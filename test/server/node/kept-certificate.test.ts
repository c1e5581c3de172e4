import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeptCertificate, keptCertificate } from '../../../server/node/kept-certificate.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import {
  certificatesPem,
  generateTlsKey,
  type Issuer,
  issueServer,
  makeRootCa,
} from '../../../shared/crypto/certificates.ts';

const START_MS = Date.UTC(2027, 0, 1);
const MINUTE_MS = 60_000;
/** As in `own-tls.test.ts`: (90 d + 5 min) · 2/3 - 5 min. */
const DUE_MS = 60 * 24 * 60 * MINUTE_MS - 100_000;

let folder: string;
let path: string;
let issuer: Issuer;
let isOver: boolean;
let clock: ReturnType<typeof virtualClock>;
const { spki } = generateTlsKey();
beforeEach(async () => {
  isOver = false;
  clock = virtualClock(START_MS);
  folder = mkdtempSync(join(tmpdir(), 'kept-'));
  path = join(folder, 'server.pem');
  const key = generateTlsKey();
  issuer = { key, certificate: await makeRootCa(key, { consortium: 'small', nowMs: START_MS }) };
  writeFileSync(path, certificatesPem(await issue()));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function issue(): Promise<readonly Uint8Array[]> {
  if (isOver) throw new Error('the issuing CA is over');
  return [await issueServer(issuer, { hosts: ['127.0.0.1'], spki, nowMs: clock.now() })];
}

const kept = (): Promise<KeptCertificate> => keptCertificate({ path, issue, clock });

describe("a coordinator's own certificate", () => {
  it('is issued anew at two thirds of its life, and kept', async () => {
    const certificate = await kept();
    clock.advance(DUE_MS - 1);
    expect(await certificate.renewIfDue()).toBeUndefined();
    clock.advance(1);
    const next = await certificate.renewIfDue();
    expect(next).toBe(certificate.chain());
    expect(readFileSync(path, 'utf8')).toBe(next);
    expect(await certificate.renewIfDue()).toBeUndefined();
  });

  it('is issued at the start where it was due while nothing ran', async () => {
    const before = readFileSync(path, 'utf8');
    clock.advance(DUE_MS);
    expect((await kept()).chain()).not.toBe(before);
  });

  it('stays where another cannot be issued, which is tried again ten minutes later', async () => {
    const certificate = await kept();
    const before = certificate.chain();
    clock.advance(DUE_MS);
    isOver = true;
    await expect(certificate.renewIfDue()).rejects.toThrow('the issuing CA is over');
    isOver = false;
    clock.advance(10 * MINUTE_MS - 1);
    expect(await certificate.renewIfDue()).toBeUndefined();
    expect(certificate.chain()).toBe(before);
    clock.advance(1);
    expect(await certificate.renewIfDue()).toBeDefined();
  });
});
