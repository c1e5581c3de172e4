import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NodeFolder, nodeFolder } from '../../../client/node/node-folder.ts';
import { type OwnTls, ownTls } from '../../../client/node/own-tls.ts';
import type { SignedCalls } from '../../../client/rpc/signed-calls.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { siteId } from '../../../shared/core/ids.ts';
import {
  certificatesPem,
  generateTlsKey,
  issueSite,
  readCertificateRequest,
  type TlsKey,
} from '../../../shared/crypto/certificates.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { readTlsKey, writeKeyFile } from '../../../shared/crypto/key-file.ts';
import type { Roster } from '../../../shared/identity/roster.ts';
import { withSite } from '../../../shared/identity/roster-changes.ts';
import { type TrialConsortium, trialConsortium } from '../../../shared/identity/trial.ts';
import { decodeRenewCertificateRequest, encodeCertificate } from '../../../shared/wire/enrollment-codec.ts';

const START_MS = Date.UTC(2027, 0, 1);
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Two thirds of 90 days and the five minutes that a certificate begins earlier: (90 d + 5 min) · 2/3 - 5 min. */
const DUE_MS = 60 * DAY_MS - 100_000;
const site = siteId('north');

let consortium: TrialConsortium;
let folder: NodeFolder;
let clock: ReturnType<typeof virtualClock>;
let roster: Roster;
let asked: number;
let reopened: number;
let isDown: boolean;
let audited: string[];
let tls: OwnTls;
beforeEach(async () => {
  clock = virtualClock(START_MS);
  [asked, reopened, isDown, audited] = [0, 0, false, []];
  folder = nodeFolder(mkdtempSync(join(tmpdir(), 'own-tls-')));
  for (const path of [folder.keys, folder.membership]) await mkdir(path, { mode: 0o700 });
  const endpoints = ['127.0.0.1:1'];
  consortium = await trialConsortium({ consortium: 'small', sites: [site], endpoints, nowMs: START_MS });
  ({ roster } = consortium.roster);
  const { tls: key, chain } = party();
  tls = ownTls(
    { key, chain: certificatesPem(chain) },
    {
      site,
      folder,
      readTlsKey: async (path) => (await readTlsKey(path, async () => undefined)).key,
      roster: () => roster,
      audit: {
        append: async ({ type }) => {
          audited.push(type);
        },
      },
      clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      signal: new AbortController().signal,
    },
  );
});
afterEach(() => rmSync(folder.folder, { recursive: true, force: true }));

const party = () => [...consortium.sites.values()][0] as { tls: TlsKey; chain: readonly Uint8Array[] };

/** The line to a coordinator that issues what it is asked for, while it is there. */
const calls = {
  connection: {
    reopen: () => {
      reopened += 1;
    },
  },
  async call(_path: string, body: Uint8Array) {
    asked += 1;
    if (isDown) throw new ConsiliumError('UNREACHABLE', 'down');
    const { spki } = await readCertificateRequest(decodeRenewCertificateRequest(body).certificateRequest);
    const { issuingCa } = consortium;
    const leaf = await issueSite(issuingCa, { site, spki, nowMs: clock.now() });
    return encodeCertificate({ chain: [leaf, issuingCa.certificate] });
  },
} as unknown as SignedCalls;

describe('the certificate that a daemon shows', () => {
  it('is renewed at two thirds of its life, and not before', async () => {
    const { chain } = tls.current();
    clock.advance(DUE_MS - 1);
    await tls.keepUp(calls);
    expect(asked).toBe(0);
    clock.advance(1);
    await tls.keepUp(calls);
    expect([asked, reopened, audited]).toEqual([1, 1, ['enrollment.renewed']]);
    expect(tls.current().chain).not.toBe(chain);
    await tls.keepUp(calls);
    expect(asked).toBe(1);
    clock.advance(DUE_MS);
    await tls.keepUp(calls);
    expect(asked).toBe(2);
  });

  it('is asked for again ten minutes after a failure that may pass', async () => {
    isDown = true;
    clock.advance(DUE_MS);
    await tls.keepUp(calls);
    clock.advance(10 * MINUTE_MS - 1);
    await tls.keepUp(calls);
    expect([asked, reopened]).toEqual([1, 0]);
    isDown = false;
    clock.advance(1);
    await tls.keepUp(calls);
    expect([asked, reopened]).toEqual([2, 1]);
  });
});

describe('the next TLS key', () => {
  it('is taken up once the roster lists it, in the place of the old', async () => {
    const next = generateTlsKey();
    await writeKeyFile(folder.tlsKey, { kind: 'p256', id: site, key: party().tls }, undefined);
    await writeKeyFile(folder.nextTlsKey, { kind: 'p256', id: site, key: next }, undefined);
    await tls.keepUp(calls);
    expect([asked, tls.current().key]).toEqual([0, party().tls.privateKeyPem]);
    const { key } = roster.sites[0] as (typeof roster.sites)[number];
    roster = withSite(roster, { id: site, key, tlsKey: sha256(next.spki), hasFormerKey: false });
    await tls.keepUp(calls);
    expect([tls.current().key, reopened, audited]).toEqual([next.privateKeyPem, 1, ['enrollment.rotated']]);
    expect((await readTlsKey(folder.tlsKey, async () => undefined)).key).toEqual(next);
    await tls.keepUp(calls);
    expect(asked).toBe(1);
  });
});
