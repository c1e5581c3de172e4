import { describe, expect, it } from 'vitest';
import { siteId } from '../../shared/core/ids.ts';
import { verifyChain } from '../../shared/crypto/certificate-chain.ts';
import { generateTlsKey } from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import {
  coordinatorRequest,
  leadRequest,
  readAdmissionRequest,
  requestWords,
  siteRequest,
  withApplicant,
} from '../../shared/identity/admission-request.ts';
import { fingerprintOf } from '../../shared/identity/fingerprint.ts';
import {
  inviteSite,
  openInvitation,
  presentToken,
  readInvitation,
  readToken,
  tokenText,
} from '../../shared/identity/invitation.ts';
import { keyOf } from '../../shared/identity/roster.ts';
import { acceptRoster } from '../../shared/identity/roster-chain.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { hostOf, trialConsortium } from '../../shared/identity/trial.ts';

const NOW = Date.UTC(2026, 11, 1, 9);
const DAY_MS = 24 * 60 * 60_000;
const SITE = siteId('hungary');
const trial = await trialConsortium({
  consortium: 'heartland',
  sites: [siteId('cleveland'), siteId('va')],
  endpoints: ['localhost:8443', '[::1]:8443'],
  nowMs: NOW,
});
const { roster } = trial.roster;

describe('trialConsortium', () => {
  it('makes a roster that holds under its words, with everybody in it', () => {
    expect(acceptRoster({ words: trial.words }, trial.roster.bytes).roster.threshold).toBe(1);
    expect(roster.sites.map(({ id }) => id)).toEqual(['cleveland', 'va']);
    for (const { role, id, key } of [trial.officer, trial.lead, trial.coordinator.signer]) {
      expect(keyOf(roster, role, id)).toEqual(key.publicKey);
    }
  });

  it('gives every party a certificate that its roster stands for', () => {
    for (const [site, { chain, tls }] of trial.sites) {
      const purpose = { kind: 'site', site } as const;
      const facts = verifyChain(chain, { roots: roster.roots, purpose, nowMs: NOW });
      expect(roster.sites.find(({ id }) => id === site)?.spki).toEqual([facts.spkiHash]);
      expect(sha256(tls.spki)).toBe(facts.spkiHash);
    }
    for (const host of ['localhost', '::1']) {
      const purpose = { kind: 'server', host } as const;
      expect(() =>
        verifyChain(trial.coordinator.chain, { roots: roster.roots, purpose, nowMs: NOW }),
      ).not.toThrow();
    }
    expect(hostOf('[::1]:8443')).toBe('::1');
  });
});

describe('readAdmissionRequest', () => {
  it('reads what a site, a coordinator and a lead ask for, with the words of each', async () => {
    const [signer, tls, issuingCa] = [signerOf('site', SITE), generateTlsKey(), generateTlsKey()];
    const site = await readAdmissionRequest(await siteRequest(signer, tls));
    expect(site).toMatchObject({ kind: 'site', id: SITE, key: signer.key.publicKey, spki: tls.spki });
    expect(requestWords(site)).toBe(
      fingerprintOf({ role: 'site', id: SITE, key: signer.key.publicKey, spki: tls.spki }),
    );
    const endpoints = ['coordinator.example.org:8443'];
    const coordinator = await readAdmissionRequest(
      await coordinatorRequest(signerOf('coordinator', 'coordinator'), { tls, issuingCa, endpoints }),
    );
    expect(coordinator).toMatchObject({ kind: 'coordinator', endpoints, issuingSpki: issuingCa.spki });
    const lead = await readAdmissionRequest(leadRequest(signerOf('lead', 'dr-lee')));
    expect(lead).toMatchObject({ kind: 'lead', id: 'dr-lee' });
  });

  it('refuses a request that was changed, or asks for a key of small order', async () => {
    const text = Buffer.from(leadRequest(signerOf('lead', 'dr-lee'))).toString('utf8');
    const neutral = Buffer.from([1, ...new Uint8Array(31)]).toString('base64');
    const changed = [
      text.replace('dr-lee', 'dr-bad'),
      text.replace('lead', 'site'),
      text.replace(/"identityKey":"[^"]+"/, `"identityKey":"${neutral}"`),
      text.slice(0, -1),
    ];
    for (const other of changed) {
      await expect(readAdmissionRequest(Buffer.from(other))).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      });
    }
  });

  it("lets a member change its identity key with the former key's signature, and not without", async () => {
    const site = siteId('cleveland');
    const [former, next] = [trial.sites.get(site)?.signer as Signer, signerOf('site', site)];
    const tls = generateTlsKey();
    const with_ = await readAdmissionRequest(await siteRequest(next, tls, { former }));
    expect(keyOf(withApplicant(roster, with_), 'site', site)).toEqual(next.key.publicKey);
    const stranger = signerOf('site', site);
    for (const options of [{}, { former: stranger }]) {
      const without = await readAdmissionRequest(await siteRequest(next, tls, options));
      expect(() => withApplicant(roster, without)).toThrow(/former key/);
    }
  });
});

describe('readInvitation', () => {
  const invite = (officer: Signer) =>
    inviteSite({ site: SITE, consortium: 'heartland', officer, nowMs: NOW, random: secureRandom });

  it('gives the site, the hash of the token and a day', () => {
    const { token, invitation, file } = invite(trial.officer);
    expect(readInvitation(file, roster)).toEqual(invitation);
    expect(invitation).toEqual({ site: SITE, tokenHash: sha256(token), expiresMs: NOW + DAY_MS });
    expect(Buffer.from(file).toString('utf8')).not.toContain(tokenText(token));
    expect(readToken(`${tokenText(token)}\n`)).toEqual(token);
  });

  it("refuses an impostor's, another consortium's and a changed one", () => {
    const { file } = invite(signerOf('officer', 'officer'));
    expect(() => readInvitation(file, roster)).toThrow(/an officer signed/);
    const own = invite(trial.officer).file;
    expect(() => readInvitation(own, { ...roster, consortium: 'elsewhere' })).toThrow(/an officer signed/);
    const other = Buffer.from(own).toString('utf8').replace('hungary', 'zungary');
    expect(() => readInvitation(Buffer.from(other), roster)).toThrow(/an officer signed/);
  });

  it('refuses text that is no token', () => {
    for (const text of ['', 'short', `${'A'.repeat(43)}!`]) {
      expect(() => readToken(text)).toThrow(expect.objectContaining({ code: 'INVITATION_REFUSED' }));
    }
  });
});

describe('presentToken', () => {
  const { token, invitation } = inviteSite({
    site: SITE,
    consortium: 'heartland',
    officer: trial.officer,
    nowMs: NOW,
    random: secureRandom,
  });
  const wrong = new Uint8Array(32);

  it('takes a token once', () => {
    const once = presentToken(openInvitation(invitation), token, NOW + DAY_MS - 1);
    expect(once.fault).toBeUndefined();
    expect(presentToken(once.state, token, NOW).fault).toBe('used');
  });

  it('refuses it a day later', () => {
    expect(presentToken(openInvitation(invitation), token, NOW + DAY_MS).fault).toBe('expired');
  });

  it('locks after ten wrong tokens, and not after nine', () => {
    const wronglyTried = (tries: number) =>
      Array.from({ length: tries }).reduce<ReturnType<typeof openInvitation>>(
        (state) => presentToken(state, wrong, NOW).state,
        openInvitation(invitation),
      );
    expect(presentToken(wronglyTried(9), token, NOW).fault).toBeUndefined();
    expect(presentToken(wronglyTried(10), token, NOW).fault).toBe('locked');
  });
});

function signerOf(role: Signer['role'], id: string): Signer {
  return { role, id, key: generateSigningKey() };
}
