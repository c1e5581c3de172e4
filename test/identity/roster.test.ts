import { describe, expect, it } from 'vitest';
import { siteId } from '../../shared/core/ids.ts';
import { generateTlsKey, makeRootCa } from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import { rosterWords } from '../../shared/identity/fingerprint.ts';
import { memoryRosters, openMembership } from '../../shared/identity/membership.ts';
import {
  encodeRoster,
  isMember,
  keyOf,
  parseRoster,
  type Roster,
  rosterHash,
  standingOf,
} from '../../shared/identity/roster.ts';
import { acceptRoster } from '../../shared/identity/roster-chain.ts';
import {
  foundRoster,
  nextVersion,
  withCoordinator,
  withLead,
  withNewestTlsKeys,
  withOfficer,
  withoutOfficer,
  withoutSite,
  withSite,
  withThreshold,
} from '../../shared/identity/roster-changes.ts';
import { rosterDifference } from '../../shared/identity/roster-difference.ts';
import { signRoster, unsignedRoster } from '../../shared/identity/sign-roster.ts';
import type { Signer } from '../../shared/identity/signer.ts';

const NOW = Date.UTC(2026, 11, 1, 9);
const [alice, bob, carol, dora] = ['alice', 'bob', 'carol', 'dora'].map(officer) as [
  Signer,
  Signer,
  Signer,
  Signer,
];
const rootKey = generateTlsKey();
const root = await makeRootCa(rootKey, { consortium: 'heartland', nowMs: NOW });

/** Three officers, two of whom must sign. */
const founded = [bob, carol].reduce(
  (roster, signer) => withOfficer(roster, memberOf(signer)),
  foundRoster({ consortium: 'heartland', officer: memberOf(alice), threshold: 2, root, nowMs: NOW }),
);
const first = signed(founded, alice, bob);
const cleveland = { id: siteId('cleveland'), ...keys(), hasFormerKey: false };
const second = signed(withSite(nextVersion(first, NOW + 1000), cleveland), alice, carol);

describe('acceptRoster', () => {
  it('takes the first roster by its words, and the next by two officers of the first', () => {
    expect(acceptRoster({ words: rosterWords(first.hash) }, first.bytes)).toEqual(first);
    expect(acceptRoster(first, second.bytes)).toEqual(second);
  });

  it('refuses the first roster under other words', () => {
    const words = rosterWords(second.hash);
    expect(() => acceptRoster({ words }, first.bytes)).toThrow(/words of version 1/);
    expect(() => acceptRoster({ words }, second.bytes)).toThrow(/expected version 1 first/);
  });

  it('refuses one of two signatures', () => {
    expect(() => acceptRoster(first, signed(second.roster, alice).bytes)).toThrow(/2 officers .* got 1/);
    const words = rosterWords(first.hash);
    expect(() => acceptRoster({ words }, signed(founded, alice).bytes)).toThrow(/2 officers .* got 1/);
  });

  it('refuses the same officer twice', () => {
    const [own] = signed(second.roster, alice).signatures;
    expect(() => encodeRoster(second.roster, [own, own] as never)).toThrow(/alice twice/);
  });

  it('does not count an officer who is new in it', () => {
    const roster = withOfficer(nextVersion(first, NOW), memberOf(dora));
    expect(() => acceptRoster(first, signed(roster, alice, dora).bytes)).toThrow(/2 officers .* got 1/);
    expect(acceptRoster(first, signed(roster, alice, bob, dora).bytes).roster.officers).toHaveLength(4);
  });

  it('counts an officer whom it removes, under the key that he had', () => {
    const roster = { ...nextVersion(first, NOW), officers: [memberOf(alice), memberOf(bob)] };
    expect(acceptRoster(first, signed(roster, alice, carol).bytes).roster.officers).toHaveLength(2);
  });

  it("refuses a new key in an officer's name, signed by it", () => {
    const impostor = officer('bob');
    const officers = [memberOf(alice), memberOf(impostor), memberOf(carol)];
    const roster = { ...nextVersion(first, NOW), officers };
    expect(() => acceptRoster(first, signed(roster, alice, impostor).bytes)).toThrow(
      /bob: expected one that holds/,
    );
  });

  it('refuses an older version, the same one, and a gap', () => {
    const third = signed(nextVersion(second, NOW), alice, bob);
    expect(() => acceptRoster(second, first.bytes)).toThrow(/older version 1/);
    expect(() => acceptRoster(second, second.bytes)).toThrow(/older version 2/);
    expect(() => acceptRoster(first, third.bytes)).toThrow(/a gap/);
  });

  it('refuses another predecessor', () => {
    const roster = { ...nextVersion(first, NOW), previous: sha256('another') };
    expect(() => acceptRoster(first, signed(roster, alice, bob).bytes)).toThrow(/previous: expected/);
  });

  it('refuses another consortium', () => {
    const roster = { ...nextVersion(first, NOW), consortium: 'elsewhere' };
    expect(() => acceptRoster(first, signed(roster, alice, bob).bytes)).toThrow(/expected heartland/);
  });

  it('refuses a signature that does not hold, and a stranger', () => {
    const [signature] = signed(first.roster, bob).signatures;
    const false_ = encodeRoster(second.roster, [...second.signatures, signature] as never);
    expect(() => acceptRoster(first, false_.bytes)).toThrow(/bob: expected one that holds/);
    expect(() => acceptRoster(first, signed(second.roster, alice, bob, dora).bytes)).toThrow(/stranger/);
  });

  it('refuses a threshold that no officers could reach any more', () => {
    const roster = { ...nextVersion(first, NOW), threshold: 4 };
    expect(() => acceptRoster(first, signed(roster, alice, bob).bytes)).toThrow(/at most the 3 officers/);
  });

  it('takes one signature in a trial consortium', () => {
    const trial = signed({ ...founded, threshold: 1 }, carol);
    expect(acceptRoster({ words: rosterWords(trial.hash) }, trial.bytes)).toEqual(trial);
  });
});

describe('parseRoster', () => {
  it('reads what was encoded, with every field', () => {
    const full = signed(
      withoutSite(
        withCoordinator(withLead(second.roster, memberOf(dora)), {
          id: 'coordinator',
          ...keys(),
          endpoints: ['coordinator.example.org:8443', '[::1]:8443'],
        }),
        'cleveland',
        'lost',
      ),
      alice,
    );
    expect(parseRoster(full.bytes)).toEqual(full);
    expect(rosterHash(full.roster)).toBe(full.hash);
  });

  it('names a roster the same whoever signed it', () => {
    expect(signed(founded, carol).hash).toBe(first.hash);
  });

  it('refuses a key of small order', () => {
    const key = new Uint8Array(32);
    const roster = { ...founded, officers: [{ id: 'alice', key }] };
    expect(() => unsignedRoster(roster)).toThrow(/small order/);
  });

  it('refuses one key for two parties, one TLS key for two sites, one id twice', () => {
    const roster = second.roster;
    const lead = { id: 'dr-lee', key: alice.key.publicKey };
    expect(() => unsignedRoster(withLead(roster, lead))).toThrow(/identity key/);
    const twin = { ...cleveland, ...keys(), id: siteId('hungary'), tlsKey: cleveland.tlsKey };
    expect(() => unsignedRoster(withSite(roster, twin))).toThrow(/TLS key/);
    const sites = [...roster.sites, { ...roster.sites[0], ...keys() }] as Roster['sites'];
    expect(() => unsignedRoster({ ...roster, sites })).toThrow(/site: expected each once/);
  });

  it('refuses another spelling of the same roster', () => {
    const text = Buffer.from(first.bytes).toString('utf8');
    const spellings = [
      `${text}\n`,
      ` ${text}`,
      `\ufeff${text}`,
      text.replace('"threshold":2', '"threshold":2,"threshold":2'),
    ];
    for (const other of spellings) expect(() => parseRoster(Buffer.from(other))).toThrow(/JSON/);
  });

  it('refuses unknown keys, other formats, bytes that are no UTF-8, and depth', () => {
    const text = Buffer.from(first.bytes).toString('utf8');
    for (const other of [
      text.replace('"format":1', '"extra":1,"format":1'),
      text.replace('"format":1', '"__proto__":1,"format":1'),
      text.replace('"format":1', '"format":2'),
      '['.repeat(100_000),
      'null',
      '',
    ]) {
      expect(() => parseRoster(Buffer.from(other))).toThrow(
        expect.objectContaining({ code: 'ROSTER_INVALID' }),
      );
    }
    expect(() => parseRoster(Uint8Array.of(0xff, 0xfe))).toThrow(/expected JSON/);
  });

  it('refuses more than 1 MiB before it reads any of it', () => {
    expect(() => parseRoster(new Uint8Array(2 ** 20 + 1))).toThrow(/at most 1048576 bytes/);
  });

  it('refuses a root that is no CA', () => {
    expect(() => unsignedRoster({ ...founded, roots: [Uint8Array.of(1, 2, 3)] })).toThrow(/root CA/);
  });
});

describe('withSite', () => {
  const roster = second.roster;

  it('puts a new TLS key beside the old one, and keeps two at most', () => {
    const next = { ...cleveland, tlsKey: sha256('new') };
    const rotated = withSite(roster, next);
    expect(rotated.sites[0]?.spki).toEqual([sha256('new'), cleveland.tlsKey]);
    const again = withSite(rotated, { ...next, tlsKey: sha256('newer') });
    expect(again.sites[0]?.spki).toEqual([sha256('newer'), sha256('new')]);
    const dropped = withNewestTlsKeys(again, 'cleveland');
    expect(dropped.sites[0]?.spki).toEqual([sha256('newer')]);
    expect(() => withNewestTlsKeys(dropped, 'cleveland')).toThrow(/two TLS keys/);
  });

  it('refuses another identity key for a member, unless the former key signed too', () => {
    const other = { ...cleveland, ...keys() };
    expect(() => withSite(roster, other)).toThrow(/former key/);
    expect(withSite(roster, { ...other, hasFormerKey: true }).sites[0]?.spki).toEqual([other.tlsKey]);
  });

  it('takes a revoked site back under a new key', () => {
    const gone = withoutSite(roster, 'cleveland', 'lost');
    const back = withSite(gone, { ...cleveland, ...keys() });
    expect(back.sites[0]).toMatchObject({ status: 'active', reason: undefined });
  });
});

describe('keyOf', () => {
  it('knows members by role, and neither strangers nor revoked sites', () => {
    const { roster } = second;
    expect(keyOf(roster, 'site', 'cleveland')).toEqual(cleveland.key);
    expect(keyOf(roster, 'officer', 'alice')).toEqual(alice.key.publicKey);
    expect(keyOf(roster, 'lead', 'alice')).toBeUndefined();
    expect(keyOf(roster, 'operator', 'coordinator')).toBeUndefined();
    const gone = withoutSite(roster, 'cleveland', 'left');
    expect(isMember(gone, 'site', 'cleveland')).toBe(false);
  });

  it('lets the operator act with the key of the coordinator', () => {
    const coordinator = { id: 'coordinator', ...keys(), endpoints: ['c.example.org:8443'] };
    const roster = withCoordinator(second.roster, coordinator);
    expect(keyOf(roster, 'operator', 'coordinator')).toEqual(coordinator.key);
    expect(keyOf(roster, 'coordinator', 'another')).toBeUndefined();
  });
});

describe('standingOf', () => {
  it('looks at the dates of a membership', () => {
    const sites = second.roster.sites.map((site) => ({
      ...site,
      notBefore: new Date(NOW).toISOString(),
      notAfter: new Date(NOW + 1000).toISOString(),
    }));
    const roster = { ...second.roster, sites };
    const at = (ms: number) => standingOf(roster, 'cleveland', ms);
    expect([NOW - 1, NOW, NOW + 1000, NOW + 1001].map(at)).toEqual(['not-yet', 'active', 'active', 'ended']);
    expect(standingOf(roster, 'nobody', NOW)).toBe('unknown');
  });
});

describe('officers who change', () => {
  const third = nextVersion(second, NOW + 2);

  it.each([
    ['a lower threshold', withThreshold(third, 1)],
    ['an officer removed', withoutOfficer(third, 'carol')],
  ])('A7: %s needs as many signatures as before', (_what, changed) => {
    expect(() => acceptRoster(second, signed(changed, alice).bytes)).toThrow(/expected signatures by 2/);
    expect(acceptRoster(second, signed(changed, alice, bob).bytes).roster).toEqual(changed);
  });

  it('A7: an officer who is removed counts for the roster that removes him, and for none after', () => {
    const gone = acceptRoster(second, signed(withoutOfficer(third, 'carol'), alice, carol).bytes);
    const fourth = nextVersion(gone, NOW + 3);
    expect(() => acceptRoster(gone, signed(fourth, alice, carol).bytes)).toThrow(/got a stranger's/);
    expect(acceptRoster(gone, signed(fourth, alice, bob).bytes).roster.version).toBe(4);
  });

  it('are never fewer than the threshold', () => {
    expect(() => withThreshold(third, 4)).toThrow(/at most the 3 officers/);
    expect(() => withoutOfficer(withThreshold(third, 3), 'bob')).toThrow(/at most the 2 officers/);
    expect(() => withoutOfficer(third, 'zoe')).toThrow(/got none of that id/);
  });
});

describe('rosterDifference', () => {
  it('is empty for the next version with the same members', () => {
    expect(rosterDifference(first.roster, nextVersion(first, NOW + 5))).toEqual([]);
  });

  it('says in plain words what changes', () => {
    const next = withLead(
      withoutSite(
        { ...second.roster, threshold: 1, officers: [memberOf(alice), memberOf(officer('bob'))] },
        'cleveland',
        'compromised',
      ),
      { id: 'dr-lee', key: dora.key.publicKey },
    );
    expect(rosterDifference(second.roster, next)).toEqual([
      '1 officer must sign a roster, so far 2: a trial consortium',
      'officer bob has another identity key',
      'officer carol is removed',
      'lead dr-lee is new',
      'site cleveland is revoked: compromised',
    ]);
    expect(rosterDifference(first.roster, second.roster)).toEqual(['site cleveland is admitted']);
  });
});

describe('openMembership', () => {
  const pinned = { words: rosterWords(first.hash) };

  it('keeps the old roster when the next is refused, and tells of the next that is accepted', async () => {
    const store = memoryRosters();
    const membership = await openMembership({ store, pinned, first: first.bytes });
    const told: number[] = [];
    membership.onChange(({ version }) => told.push(version));
    await expect(membership.accept(signed(second.roster, alice).bytes)).rejects.toMatchObject({
      code: 'ROSTER_INVALID',
    });
    expect(membership.current().version).toBe(1);
    await membership.accept(second.bytes);
    await membership.accept(second.bytes);
    expect(told).toEqual([2]);
    expect(membership.after(1)).toEqual([second]);
    expect((await openMembership({ store, pinned })).signed()).toEqual(second);
  });

  it('checks what was saved again', async () => {
    const store = memoryRosters();
    await store.save(1, first.bytes);
    await store.save(2, signed(second.roster, alice).bytes);
    await expect(openMembership({ store, pinned })).rejects.toMatchObject({ code: 'ROSTER_INVALID' });
    await expect(openMembership({ store: memoryRosters(), pinned })).rejects.toThrow(/got none/);
  });
});

function officer(id: string): Signer {
  return { role: 'officer', id, key: generateSigningKey() };
}

function memberOf({ id, key }: Signer) {
  return { id, key: key.publicKey };
}

function keys() {
  const { publicKey } = generateSigningKey();
  return { key: publicKey, tlsKey: sha256(publicKey) };
}

function signed(roster: Roster, ...signers: readonly Signer[]) {
  return signers.reduce(signRoster, unsignedRoster(roster));
}
