import 'reflect-metadata';
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { ConsiliumError } from '../core/errors.ts';
import type { ContentHash, SiteId } from '../core/ids.ts';
import { sha256 } from './hash.ts';
import { secureRandom } from './random.ts';

/** No certificate or request of ours is longer; longer ones are not parsed. */
export const MAX_CERTIFICATE_BYTES = 8192;

const DAY_MS = 24 * 60 * 60_000;
/** What a certificate is good for, at most; never longer than its issuer's. */
export const LIFE_MS = {
  root: 3652 * DAY_MS,
  issuing: 365 * DAY_MS,
  server: 90 * DAY_MS,
  site: 90 * DAY_MS,
} as const;
/** Certificates begin this long ago, so that a clock that is a little late takes them. */
const BACKDATED_MS = 5 * 60_000;

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const ECDSA_SHA256 = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** An EC P-256 key for TLS or a CA. */
export interface TlsKey {
  /** PKCS #8; secret. */
  readonly privateKeyPem: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export function generateTlsKey(): TlsKey {
  return tlsKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(PKCS8_PEM).toString());
}

/** @param pkcs8 DER. @throws ConsiliumError `KEY_UNREADABLE` unless it holds a key on P-256. */
export function tlsKeyOf(pkcs8: Uint8Array): TlsKey {
  try {
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
      return tlsKey(key.export(PKCS8_PEM).toString());
  } catch (cause) {
    throw new ConsiliumError('KEY_UNREADABLE', 'TLS key: expected PKCS #8, got other bytes', { cause });
  }
  throw new ConsiliumError('KEY_UNREADABLE', 'TLS key: expected a key on P-256, got another');
}

/** The key as PKCS #8 DER, for whoever seals it. The caller's, to be overwritten after use. */
export function pkcs8Of(key: TlsKey): Uint8Array {
  const der = createPrivateKey(key.privateKeyPem).export({ format: 'der', type: 'pkcs8' });
  return Uint8Array.from(der);
}

/** A CA that can sign: its certificate (DER) with its key. */
export interface Issuer {
  readonly certificate: Uint8Array;
  readonly key: TlsKey;
}

/** @returns DER, self-signed, for 10 years. */
export async function makeRootCa(
  key: TlsKey,
  options: { readonly consortium: string; readonly nowMs: number },
): Promise<Uint8Array> {
  const name = `CN=${options.consortium} root CA`;
  return create({
    subject: name,
    issuer: name,
    spki: key.spki,
    key,
    validity: validity(options.nowMs, LIFE_MS.root),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(CA_USAGES, true),
    ],
  });
}

/**
 * The CA at the coordinator: it may issue certificates and no further CA.
 * @param options.spki of its key. @returns DER, for 1 year.
 */
export async function makeIssuingCa(
  root: Issuer,
  options: { readonly consortium: string; readonly spki: Uint8Array; readonly nowMs: number },
): Promise<Uint8Array> {
  return issue(root, `CN=${options.consortium} issuing CA`, {
    ...options,
    lifeMs: LIFE_MS.issuing,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(CA_USAGES, true),
    ],
  });
}

/** @param options.hosts names or IP addresses that sites connect to. @returns DER, for TLS servers, 90 days. */
export async function issueServer(
  issuer: Issuer,
  options: { readonly hosts: readonly string[]; readonly spki: Uint8Array; readonly nowMs: number },
): Promise<Uint8Array> {
  const names = options.hosts.map((host) => ({ type: isIP(host) > 0 ? 'ip' : 'dns', value: host }) as const);
  return issue(issuer, 'CN=coordinator', {
    ...options,
    lifeMs: LIFE_MS.server,
    extensions: leafExtensions(names, x509.ExtendedKeyUsage.serverAuth),
  });
}

/** @returns DER, for TLS clients, with `URI:consilium:site:<id>`, 90 days. */
export async function issueSite(
  issuer: Issuer,
  options: { readonly site: SiteId; readonly spki: Uint8Array; readonly nowMs: number },
): Promise<Uint8Array> {
  return issue(issuer, `CN=${options.site}`, {
    ...options,
    lifeMs: LIFE_MS.site,
    extensions: leafExtensions(
      [{ type: 'url', value: siteUri(options.site) }],
      x509.ExtendedKeyUsage.clientAuth,
    ),
  });
}

/** The name by which a certificate says that it is the site's. */
export function siteUri(site: string): string {
  return `consilium:site:${site}`;
}

/** What a certificate says of itself; nothing of it is proved by reading. */
export interface CertificateFacts {
  /** SHA-256 of its SubjectPublicKeyInfo. */
  readonly spkiHash: ContentHash;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly subject: string;
  readonly issuer: string;
  /** URIs of the alternative names. */
  readonly subjectUris: readonly string[];
  /** DNS names and IP addresses of the alternative names. */
  readonly hosts: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isCa: boolean;
  /** CAs that may stand below; undefined: any number. */
  readonly pathLength: number | undefined;
  readonly maySignCertificates: boolean;
  /** Object ids of the extended key usages; empty: none given. */
  readonly purposes: readonly string[];
  /** Whether it is signed by ECDSA with SHA-256. */
  readonly isEcdsaSha256: boolean;
}

/** @param der Borrowed. @throws ConsiliumError `CERTIFICATE_REFUSED` for what is no certificate or too long. */
export function readCertificate(der: Uint8Array): CertificateFacts {
  return parsed('certificate', der, (raw) => factsOf(new x509.X509Certificate(raw)));
}

/** The library reads most fields, and throws, only when they are asked for. */
function factsOf(certificate: x509.X509Certificate): CertificateFacts {
  const spki = new Uint8Array(certificate.publicKey.rawData);
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const constraints = certificate.getExtension(x509.BasicConstraintsExtension);
  const usages = certificate.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
  return {
    spkiHash: sha256(spki),
    spki,
    subject: certificate.subject,
    issuer: certificate.issuer,
    subjectUris: names.filter(({ type }) => type === 'url').map(({ value }) => value),
    hosts: names.filter(({ type }) => type === 'dns' || type === 'ip').map(({ value }) => value),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    isCa: constraints?.ca === true,
    pathLength: constraints?.pathLength,
    maySignCertificates: (usages & x509.KeyUsageFlags.keyCertSign) !== 0,
    purposes: certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String) ?? [],
    isEcdsaSha256: isEcdsaSha256(certificate.signatureAlgorithm),
  };
}

/** @param id becomes the subject's common name. @returns PKCS #10, DER, signed by the key. */
export async function certificateRequest(key: TlsKey, id: string): Promise<Uint8Array> {
  const publicKey = await webcrypto.subtle.importKey('spki', key.spki, ECDSA, true, ['verify']);
  const keys = { publicKey, privateKey: await signingKeyOf(key) };
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `CN=${id}`,
    keys,
    signingAlgorithm: ECDSA_SHA256,
  });
  return new Uint8Array(request.rawData);
}

/**
 * @param der Borrowed. @returns the key (SubjectPublicKeyInfo, DER) that the request is for, and that signed it.
 * @throws ConsiliumError `CERTIFICATE_REFUSED` unless it is whole, its signature holds and its key is on P-256.
 */
export async function readCertificateRequest(
  der: Uint8Array,
): Promise<{ readonly spki: Uint8Array; readonly spkiHash: ContentHash }> {
  const { request, spki } = parsed('certificate request', der, (raw) => {
    const request = new x509.Pkcs10CertificateRequest(raw);
    return { request, spki: new Uint8Array(request.publicKey.rawData) };
  });
  checkP256(spki, 'certificate request');
  const holds = await request.verify().catch(() => false);
  if (!holds) throw refused('certificate request', 'its own signature', 'one that does not hold');
  return { spki, spkiHash: sha256(spki) };
}

/** @throws ConsiliumError `CERTIFICATE_REFUSED` unless the bytes are a public key on P-256 in DER. */
export function checkP256(spki: Uint8Array, where: string): void {
  const curve = (() => {
    try {
      const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
      return key.asymmetricKeyDetails?.namedCurve;
    } catch {
      return undefined; // no key at all
    }
  })();
  if (curve !== 'prime256v1') throw refused(where, 'a key on P-256', 'another');
}

/** Certificates (DER) as one PEM text, in their order. */
export function certificatesPem(chain: readonly Uint8Array[]): string {
  const bodies = chain.map((der) =>
    Buffer.from(der)
      .toString('base64')
      .replace(/.{64}(?=.)/g, '$&\n'),
  );
  return bodies.map((body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`).join('');
}

const MAX_PEM_CHARACTERS = 8 * 2 * MAX_CERTIFICATE_BYTES;

/** @returns DER of each, in their order. @throws ConsiliumError `CERTIFICATE_REFUSED` without any, or where one cannot be read. */
export function readCertificatesPem(pem: string): readonly Uint8Array[] {
  const text = pem.slice(0, MAX_PEM_CHARACTERS);
  const blocks = [
    ...text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g),
  ];
  const chain = blocks.map(([, body]) => Uint8Array.from(Buffer.from(body as string, 'base64')));
  if (chain.length === 0) throw refused('PEM file', 'a certificate', 'none');
  for (const der of chain) readCertificate(der);
  return chain;
}

const PKCS8_PEM = { format: 'pem', type: 'pkcs8' } as const;
const CA_USAGES = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign;

function tlsKey(privateKeyPem: string): TlsKey {
  const spki = createPublicKey(privateKeyPem).export({ format: 'der', type: 'spki' });
  return { privateKeyPem, spki: Uint8Array.from(spki) };
}

function signingKeyOf(key: TlsKey): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', pkcs8Of(key), ECDSA, false, ['sign']);
}

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

function validity(nowMs: number, lifeMs: number, latestMs = Infinity): Validity {
  return {
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(Math.min(nowMs + lifeMs, latestMs)),
  };
}

function leafExtensions(
  names: readonly { readonly type: 'dns' | 'ip' | 'url'; readonly value: string }[],
  purpose: x509.ExtendedKeyUsage,
): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([purpose]),
    new x509.SubjectAlternativeNameExtension([...names]),
  ];
}

async function issue(
  issuer: Issuer,
  subject: string,
  options: {
    readonly spki: Uint8Array;
    readonly nowMs: number;
    readonly lifeMs: number;
    readonly extensions: readonly x509.Extension[];
  },
): Promise<Uint8Array> {
  const { spki, nowMs, lifeMs, extensions } = options;
  checkP256(spki, subject);
  const { subject: issuerName, notAfter } = readCertificate(issuer.certificate);
  if (!(nowMs < notAfter.getTime())) {
    throw refused(issuerName, 'an issuer that is still valid', `the end ${notAfter.toISOString()}`);
  }
  return create({
    subject,
    issuer: issuerName,
    spki,
    key: issuer.key,
    validity: validity(nowMs, lifeMs, notAfter.getTime()),
    extensions,
  });
}

async function create(options: {
  readonly subject: string;
  readonly issuer: string;
  readonly spki: Uint8Array;
  readonly key: TlsKey;
  readonly validity: Validity;
  readonly extensions: readonly x509.Extension[];
}): Promise<Uint8Array> {
  const { subject, issuer, spki, key, validity: when, extensions } = options;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer,
    ...when,
    publicKey: await webcrypto.subtle.importKey('spki', spki, ECDSA, true, ['verify']),
    signingKey: await signingKeyOf(key),
    signingAlgorithm: ECDSA_SHA256,
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(new x509.PublicKey(spki)),
      await x509.AuthorityKeyIdentifierExtension.create(new x509.PublicKey(key.spki)),
    ],
  });
  return new Uint8Array(certificate.rawData);
}

function isEcdsaSha256(algorithm: {
  readonly name?: string;
  readonly hash: { readonly name?: string };
}): boolean {
  return algorithm.name === 'ECDSA' && algorithm.hash.name === 'SHA-256';
}

/** 16 random bytes in hex, positive in ASN.1 and without leading zeros. */
function serialNumber(): string {
  const bytes = secureRandom.bytes(16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function parsed<T>(what: string, der: Uint8Array, read: (raw: Uint8Array<ArrayBuffer>) => T): T {
  if (!(der.length <= MAX_CERTIFICATE_BYTES)) {
    throw refused(what, `at most ${MAX_CERTIFICATE_BYTES} bytes`, String(der.length));
  }
  // DER begins with a sequence; the library would try text encodings on anything else.
  if (der[0] !== 0x30) throw refused(what, 'DER', 'other bytes');
  try {
    return read(Uint8Array.from(der));
  } catch (cause) {
    throw refused(what, 'DER', 'bytes that cannot be read', cause);
  }
}

function refused(where: string, expected: string, found: string, cause?: unknown): ConsiliumError {
  const message = `${where}: expected ${expected}, got ${found}`;
  return new ConsiliumError('CERTIFICATE_REFUSED', message, cause === undefined ? {} : { cause });
}
