import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EnrollmentOffice, enrollmentOffice } from '../../../server/enrollment/enrollment-office.ts';
import type { EnrollmentStore } from '../../../server/enrollment/enrollment-store.ts';
import { publishRoster } from '../../../server/enrollment/publish-roster.ts';
import { fileEnrollments } from '../../../server/storage/enrollment-file.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { verifyChain } from '../../../shared/crypto/certificate-chain.ts';
import {
  certificateRequest,
  generateTlsKey,
  makeIssuingCa,
  makeRootCa,
  type TlsKey,
} from '../../../shared/crypto/certificates.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { generateSigningKey } from '../../../shared/crypto/sign.ts';
import { rosterWords } from '../../../shared/identity/fingerprint.ts';
import { signedByFormer } from '../../../shared/identity/former-key.ts';
import { type Membership, memoryRosters, openMembership } from '../../../shared/identity/membership.ts';
import { encodeRoster, type Roster } from '../../../shared/identity/roster.ts';
import {
  foundRoster,
  nextVersion,
  withOfficer,
  withoutSite,
  withSite,
} from '../../../shared/identity/roster-changes.ts';
import { signRoster, unsignedRoster } from '../../../shared/identity/sign-roster.ts';
import type { Signer } from '../../../shared/identity/signer.ts';

const CLEVELAND = siteId('cleveland');
const NOW_MS = Date.UTC(2026, 11, 1, 9);
const DAY_MS = 86_400_000;
const token = new Uint8Array(32).fill(7);
const [alice, bob] = [officer('alice'), officer('bob')];
const clock = virtualClock(NOW_MS);

let folder: string;
let store: EnrollmentStore;
let membership: Membership;
let office: EnrollmentOffice;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'enrollment-'));
  store = fileEnrollments(join(folder, 'enrollment.sqlite'));
  const rootKey = generateTlsKey();
  const root = {
    key: rootKey,
    certificate: await makeRootCa(rootKey, { consortium: 'heartland', nowMs: NOW_MS }),
  };
  const issuingKey = generateTlsKey();
  const certificate = await makeIssuingCa(root, {
    consortium: 'heartland',
    spki: issuingKey.spki,
    nowMs: NOW_MS,
  });
  const founded = foundRoster({
    consortium: 'heartland',
    officer: memberOf(alice),
    threshold: 2,
    root: root.certificate,
    nowMs: NOW_MS,
  });
  const first = signRoster(signRoster(unsignedRoster(withOfficer(founded, memberOf(bob))), alice), bob);
  const pinned = { words: rosterWords(first.hash) };
  membership = await openMembership({ store: memoryRosters(), pinned, first: first.bytes });
  office = enrollmentOffice({ store, issuer: { key: issuingKey, certificate }, membership, clock });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function invite(expiresMs = NOW_MS + DAY_MS): boolean {
  return store.invite({ site: CLEVELAND, tokenHash: sha256(token), expiresMs });
}

interface Keys {
  readonly key: ReturnType<typeof generateSigningKey>;
  readonly tls: TlsKey;
}

function keys(): Keys {
  return { key: generateSigningKey(), tls: generateTlsKey() };
}

async function requestOf({ key, tls }: Keys, given = token) {
  return {
    site: CLEVELAND,
    identityKey: key.publicKey,
    certificateRequest: await certificateRequest(tls, CLEVELAND),
    token: given,
    previousSignature: undefined,
  };
}

function admitted({ key, tls }: Keys): (roster: Roster) => Roster {
  const applicant = { id: CLEVELAND, key: key.publicKey, tlsKey: sha256(tls.spki), hasFormerKey: false };
  return (roster) => withSite(roster, applicant);
}

async function signedByBoth(change: (roster: Roster) => Roster): Promise<void> {
  const next = unsignedRoster(change(nextVersion(membership.signed(), NOW_MS)));
  await membership.accept(signRoster(signRoster(next, alice), bob).bytes);
}

const now = () => AbortSignal.abort();

describe('an invitation at the coordinator (A10)', () => {
  it('is used once, also after a restart', async () => {
    invite();
    await office.request(await requestOf(keys()));
    store.close();
    store = fileEnrollments(join(folder, 'enrollment.sqlite'));
    const request = { site: CLEVELAND, identityKey: new Uint8Array(32), tlsKey: Uint8Array.of(1), timeMs: 1 };
    expect(store.present(request, token)).toBe('used');
  });

  it('counts wrong tokens over a restart, and is locked at the tenth', async () => {
    invite();
    const request = {
      site: CLEVELAND,
      identityKey: new Uint8Array(32),
      tlsKey: Uint8Array.of(1),
      timeMs: NOW_MS,
    };
    const wrong = new Uint8Array(32);
    for (let tries = 1; tries <= 10; tries += 1) {
      if (tries === 6) {
        store.close();
        store = fileEnrollments(join(folder, 'enrollment.sqlite'));
      }
      expect(store.present(request, wrong)).toBe('wrong');
    }
    expect(store.present(request, token)).toBe('locked');
    expect(store.request(CLEVELAND)).toBeUndefined();
    // The same invitation brought again stays locked.
    expect(invite()).toBe(false);
    expect(store.present(request, token)).toBe('locked');
  });

  it('is worth nothing when it has expired, or where nobody was invited', async () => {
    const asked = await requestOf(keys());
    await expect(office.request(asked)).rejects.toThrow(/nobody was invited/);
    invite(NOW_MS);
    await expect(office.request(asked)).rejects.toMatchObject({ code: 'INVITATION_REFUSED' });
    await expect(office.request(asked)).rejects.toThrow(/expired/);
  });

  it('does not need its token again for the same keys: an answer may be lost', async () => {
    invite();
    const own = keys();
    await office.request(await requestOf(own));
    await expect(office.request(await requestOf(own))).resolves.toBeUndefined();
    await expect(office.request(await requestOf(keys()))).rejects.toMatchObject({
      code: 'INVITATION_REFUSED',
    });
  });
});

describe('a member that asks for other keys', () => {
  it('needs no token, and is listed for the officers until they have signed', async () => {
    const own = keys();
    await signedByBoth(admitted(own));
    const next = { ...own, tls: generateTlsKey() };
    await office.request(await requestOf(next, new Uint8Array(32)));
    expect(office.pending()).toMatchObject([{ site: CLEVELAND, tlsKey: next.tls.spki }]);
    await signedByBoth(admitted(next));
    expect(office.pending()).toEqual([]);
  });

  it('shows the signature of its former identity key, over this very request', async () => {
    const [own, next] = [keys(), keys()];
    await signedByBoth(admitted(own));
    const { previousSignature: _, ...asked } = await requestOf(next, new Uint8Array(32));
    const former = { role: 'site', id: CLEVELAND, key: own.key } as const;
    const signed = signedByFormer(former, asked);
    const others = await requestOf(keys(), new Uint8Array(32));
    for (const request of [
      { ...asked, previousSignature: undefined },
      signedByFormer({ ...former, key: next.key }, asked),
      { ...others, previousSignature: signed.previousSignature },
    ]) {
      await expect(office.request(request)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    }
    await office.request(signed);
    expect(office.pending()).toMatchObject([{ identityKey: next.key.publicKey }]);
  });
});

describe('a certificate', () => {
  it('is issued only once the roster in force lists both keys of the request', async () => {
    const own = keys();
    invite();
    await office.request(await requestOf(own));
    const asked = { site: CLEVELAND, identityKey: own.key.publicKey };
    expect(await office.awaitCertificate(asked, now())).toEqual({ kind: 'not-yet-signed' });
    await signedByBoth(admitted({ ...own, tls: generateTlsKey() }));
    expect(await office.awaitCertificate(asked, now())).toEqual({ kind: 'not-yet-signed' });
    await signedByBoth(admitted(own));
    const reply = await office.awaitCertificate(asked, now());
    if (reply.kind !== 'certificate') throw new Error('expected a certificate');
    const { spkiHash } = verifyChain(reply.chain, {
      roots: membership.current().roots,
      purpose: { kind: 'site', site: CLEVELAND },
      nowMs: NOW_MS,
    });
    expect(spkiHash).toBe(sha256(own.tls.spki));
  });

  it('comes to who waits at the very roster that lists it', async () => {
    const own = keys();
    invite();
    await office.request(await requestOf(own));
    const asked = { site: CLEVELAND, identityKey: own.key.publicKey };
    const waiting = office.awaitCertificate(asked, new AbortController().signal);
    await signedByBoth(admitted(own));
    expect(await waiting).toMatchObject({ kind: 'certificate' });
  });

  it('is not for another key than the one that asked', async () => {
    const own = keys();
    invite();
    await office.request(await requestOf(own));
    const asked = { site: CLEVELAND, identityKey: generateSigningKey().publicKey };
    await expect(office.awaitCertificate(asked, now())).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('is renewed for a TLS key of the roster alone, and for no revoked site', async () => {
    const own = keys();
    await signedByBoth(admitted(own));
    const request = await certificateRequest(own.tls, CLEVELAND);
    expect((await office.renew(CLEVELAND, request)).chain).toHaveLength(2);
    const other = await certificateRequest(generateTlsKey(), CLEVELAND);
    await expect(office.renew(CLEVELAND, other)).rejects.toMatchObject({ code: 'CERTIFICATE_REFUSED' });
    await signedByBoth((roster) => withoutSite(roster, CLEVELAND, 'lost'));
    await expect(office.renew(CLEVELAND, request)).rejects.toMatchObject({ code: 'CERTIFICATE_REFUSED' });
  });
});

describe('publishRoster', () => {
  it('is in force once the signatures of those who sent it are enough together', async () => {
    const tools = { membership, store };
    const draft = unsignedRoster(admitted(keys())(nextVersion(membership.signed(), NOW_MS)));
    expect(await publishRoster(signRoster(draft, alice).bytes, tools)).toEqual({
      version: 2,
      inForce: false,
    });
    // The same officer again is no second one.
    expect(await publishRoster(signRoster(draft, alice).bytes, tools)).toMatchObject({ inForce: false });
    expect(membership.current().version).toBe(1);
    expect(await publishRoster(signRoster(draft, bob).bytes, tools)).toEqual({ version: 2, inForce: true });
    expect(membership.current().version).toBe(2);
    expect(store.drafts()).toEqual([]);
    expect(await publishRoster(signRoster(draft, bob).bytes, tools)).toMatchObject({ inForce: true });
  });

  it('keeps drafts apart that differ, and takes no signature from one to the other', async () => {
    const tools = { membership, store };
    const [one, other] = [keys(), keys()].map((each) =>
      unsignedRoster(admitted(each)(nextVersion(membership.signed(), NOW_MS))),
    ) as [ReturnType<typeof unsignedRoster>, ReturnType<typeof unsignedRoster>];
    await publishRoster(signRoster(one, alice).bytes, tools);
    expect(await publishRoster(signRoster(other, bob).bytes, tools)).toMatchObject({ inForce: false });
    expect(store.drafts()).toHaveLength(2);
    const forged = encodeRoster(other.roster, signRoster(one, alice).signatures);
    await expect(publishRoster(forged.bytes, tools)).rejects.toMatchObject({ code: 'ROSTER_INVALID' });
    expect(membership.current().version).toBe(1);
  });
});

function officer(id: string): Signer {
  return { role: 'officer', id, key: generateSigningKey() };
}

function memberOf({ id, key }: Signer): { readonly id: string; readonly key: Uint8Array } {
  return { id, key: key.publicKey };
}
