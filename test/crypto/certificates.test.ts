import { describe, expect, it } from 'vitest';
import { siteId } from '../../shared/core/ids.ts';
import { verifyChain } from '../../shared/crypto/certificate-chain.ts';
import {
  certificateRequest,
  certificatesPem,
  generateTlsKey,
  type Issuer,
  issueServer,
  issueSite,
  makeIssuingCa,
  makeRootCa,
  readCertificate,
  readCertificateRequest,
  readCertificatesPem,
} from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const DAY_MS = 24 * 60 * 60_000;
const SITE = siteId('cleveland');

const root = await rootOf('heartland');
const issuing = await issuingOf(root);
const key = generateTlsKey();
const site = await issueSite(issuing, { site: SITE, spki: key.spki, nowMs: NOW });
const server = await issueServer(issuing, {
  hosts: ['coordinator.example.org', '127.0.0.1'],
  spki: key.spki,
  nowMs: NOW,
});
const chain = [site, issuing.certificate];

describe('issueSite', () => {
  it('writes the site, the key, its use and 90 days into the certificate', () => {
    const facts = readCertificate(site);
    expect(facts.subjectUris).toEqual(['consilium:site:cleveland']);
    expect(facts.spkiHash).toBe(sha256(key.spki));
    expect(facts.isCa).toBe(false);
    expect(facts.notAfter.getTime()).toBe(NOW + 90 * DAY_MS);
  });

  // The issuing CA ends after 365 days: on its day 300, a site's certificate has 65 days left.
  it('never outlives its issuer', async () => {
    const late = await issueSite(issuing, { site: SITE, spki: key.spki, nowMs: NOW + 300 * DAY_MS });
    expect(readCertificate(late).notAfter.getTime()).toBe(NOW + 365 * DAY_MS);
    const tooLate = issueSite(issuing, { site: SITE, spki: key.spki, nowMs: NOW + 366 * DAY_MS });
    await expect(tooLate).rejects.toMatchObject({ code: 'CERTIFICATE_REFUSED' });
  });
});

describe('verifyChain', () => {
  it('takes the certificate of a site and of the server, from the first to the last day', () => {
    expect(verified(chain, NOW).spkiHash).toBe(sha256(key.spki));
    expect(verified(chain, NOW + 90 * DAY_MS).spkiHash).toBe(sha256(key.spki));
    for (const host of ['coordinator.example.org', '127.0.0.1']) {
      const purpose = { kind: 'server', host } as const;
      expect(() => verifyChain([server, issuing.certificate], { ...options(NOW), purpose })).not.toThrow();
    }
  });

  it('refuses one that expired', () => {
    expect(() => verified(chain, NOW + 90 * DAY_MS + 1000)).toThrow(/expired/);
  });

  it('refuses one that is not yet valid', () => {
    expect(() => verified(chain, NOW - 6 * 60_000)).toThrow(/not yet valid/);
  });

  it("refuses one for another use: a server's from a site, a site's from a server, a CA's own", () => {
    expect(() => verified([server, issuing.certificate], NOW)).toThrow(/wrong usage/);
    const asServer = { ...options(NOW), purpose: { kind: 'server', host: 'cleveland' } as const };
    expect(() => verifyChain(chain, asServer)).toThrow(/wrong usage/);
    expect(() => verified([issuing.certificate], NOW)).toThrow(/wrong usage/);
  });

  it('refuses one of another CA, also of one with the same name', async () => {
    const other = await issuingOf(await rootOf('heartland'));
    const foreign = await issueSite(other, { site: SITE, spki: key.spki, nowMs: NOW });
    expect(() => verified([foreign, other.certificate], NOW)).toThrow(/another CA/);
    expect(() => verified([foreign, issuing.certificate], NOW)).toThrow(/does not hold/);
  });

  it("refuses another site's, and another host's", () => {
    const purpose = { kind: 'site', site: 'hungary' } as const;
    expect(() => verifyChain(chain, { ...options(NOW), purpose })).toThrow(/another name/);
    const host = { kind: 'server', host: 'evil.example.org' } as const;
    const other = { ...options(NOW), purpose: host };
    expect(() => verifyChain([server, issuing.certificate], other)).toThrow(/another name/);
  });

  it('refuses one that a site issued with its own certificate', async () => {
    const forged = await issueSite({ certificate: site, key }, { site: SITE, spki: key.spki, nowMs: NOW });
    expect(() => verified([forged, ...chain], NOW)).toThrow(/no CA/);
  });

  it('refuses a further CA below the issuing one', async () => {
    const below = await issuingOf(issuing);
    const deep = await issueSite(below, { site: SITE, spki: key.spki, nowMs: NOW });
    expect(() => verified([deep, below.certificate, issuing.certificate], NOW)).toThrow(/at most 0 CAs/);
  });

  it('refuses none at all, five, and bytes that are no certificate', () => {
    expect(() => verified([], NOW)).toThrow(/1 to 4/);
    expect(() =>
      verified(
        Array.from({ length: 5 }, () => site),
        NOW,
      ),
    ).toThrow(/1 to 4/);
    expect(() => verified([Uint8Array.of(0x30, 3, 1)], NOW)).toThrow(/DER/);
    expect(() => readCertificate(new Uint8Array(8193))).toThrow(/at most 8192 bytes/);
  });
});

describe('readCertificateRequest', () => {
  it('gives the key that signed the request', async () => {
    const request = await certificateRequest(key, SITE);
    expect((await readCertificateRequest(request)).spkiHash).toBe(sha256(key.spki));
  });

  it('refuses a request with a changed byte in its signature', async () => {
    const request = await certificateRequest(key, SITE);
    const last = request.length - 1;
    request[last] = (request[last] as number) ^ 1;
    await expect(readCertificateRequest(request)).rejects.toMatchObject({ code: 'CERTIFICATE_REFUSED' });
  });
});

describe('readCertificatesPem', () => {
  it('reads what was written, in order', () => {
    expect(readCertificatesPem(certificatesPem(chain))).toEqual(chain);
    expect(() => readCertificatesPem('no PEM')).toThrow(/a certificate/);
  });
});

async function rootOf(consortium: string): Promise<Issuer> {
  const own = generateTlsKey();
  return { key: own, certificate: await makeRootCa(own, { consortium, nowMs: NOW }) };
}

async function issuingOf(issuer: Issuer): Promise<Issuer> {
  const own = generateTlsKey();
  const certificate = await makeIssuingCa(issuer, { consortium: 'heartland', spki: own.spki, nowMs: NOW });
  return { key: own, certificate };
}

function options(nowMs: number) {
  return { roots: [root.certificate], purpose: { kind: 'site', site: SITE } as const, nowMs };
}

function verified(certificates: readonly Uint8Array[], nowMs: number) {
  return verifyChain(certificates, options(nowMs));
}
