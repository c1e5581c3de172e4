import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAdmit, runInvite, runRevoke } from '../../../server/cli/consortium/admit.ts';
import { confirmWords } from '../../../server/cli/consortium/confirm-words.ts';
import { runConsortiumInit, runConsortiumJoin } from '../../../server/cli/consortium/init.ts';
import type { OfficerTools } from '../../../server/cli/consortium/officer-tools.ts';
import {
  runOfficersAsk,
  runOfficersRemove,
  runOfficersThreshold,
} from '../../../server/cli/consortium/officers.ts';
import { runRosterShow, runRosterSign } from '../../../server/cli/consortium/roster.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import type { CommandIo } from '../../../shared/core/command-io.ts';
import { verifyChain } from '../../../shared/crypto/certificate-chain.ts';
import { generateTlsKey, issueSite, readCertificatesPem } from '../../../shared/crypto/certificates.ts';
import { secureRandom } from '../../../shared/crypto/random.ts';
import { generateSigningKey } from '../../../shared/crypto/sign.ts';
import {
  coordinatorRequest,
  leadRequest,
  readAdmissionRequest,
  requestWords,
  siteRequest,
} from '../../../shared/identity/admission-request.ts';
import { readInvitation } from '../../../shared/identity/invitation.ts';
import { parseRoster } from '../../../shared/identity/roster.ts';
import type { Signer } from '../../../shared/identity/signer.ts';

const clock = virtualClock(Date.UTC(2026, 11, 1, 9));
const io: CommandIo = {
  progress: () => undefined,
  note: () => undefined,
  warn: () => undefined,
  signal: new AbortController().signal,
  isTerminal: false,
};
const tools: OfficerTools = {
  passphrase: async () => undefined,
  newPassphrase: async () => undefined,
  ask: undefined,
  clock,
  random: secureRandom,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'consortium-'));
});
afterAll(() => rm(folder, { recursive: true }));

const alice = () => ({ officer: 'alice', folder: join(folder, 'alice') });
const bob = () => ({ officer: 'bob', folder: join(folder, 'bob') });
const rosterOf = (officer: string, version: number) =>
  join(folder, officer, 'rosters', `roster-${version}.json`);

/** The draft as bob gets it by mail; both copies then have what came back. */
async function bobSigns(version: number) {
  const mailed = join(folder, `roster-${version}.json`);
  await copyFile(rosterOf('alice', version), mailed);
  const result = await runRosterSign({ ...bob(), file: mailed, isAgreed: true }, tools, io);
  await runRosterSign({ ...alice(), file: mailed, isAgreed: false }, tools, io);
  return result.data;
}

async function requestFile(name: string, bytes: Uint8Array) {
  const file = join(folder, name);
  await writeFile(file, bytes);
  return { file, words: requestWords(await readAdmissionRequest(bytes)) };
}

describe('the commands of a consortium with two officers, in the order of their life', () => {
  it('found: the roster is in force once both have signed, and then has words', async () => {
    const founded = await runConsortiumInit({ ...alice(), name: 'heartland', threshold: 2 }, tools, io);
    expect(founded.data).toMatchObject({ version: 1, inForce: false, trial: false });
    const draft = join(folder, 'founding.json');
    await copyFile(rosterOf('alice', 1), draft);
    const joined = await runConsortiumJoin({ ...bob(), file: draft }, tools, io);
    expect(joined.data).toMatchObject({ missingSignatures: 1, signedBy: ['bob'] });
    const signed = await runRosterSign({ ...alice(), file: draft, isAgreed: true }, tools, io);
    expect(signed.data).toMatchObject({ inForce: true, words: expect.stringMatching(/^([a-z]{5}-?){8}$/) });
    const taken = await runRosterSign({ ...bob(), file: draft, isAgreed: false }, tools, io);
    expect(taken.data).toMatchObject({ inForce: true, signedBy: ['alice', 'bob'] });
  });

  it('keep keys and folder to the officer', async () => {
    expect((await stat(alice().folder)).mode & 0o777).toBe(0o700);
    for (const name of ['officer.key', 'root-ca.key']) {
      expect((await stat(join(alice().folder, name))).mode & 0o777).toBe(0o600);
    }
  });

  it('refuse a second founding in the same folder', async () => {
    const again = runConsortiumInit({ ...alice(), name: 'heartland', threshold: 2 }, tools, io);
    await expect(again).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it('admit a coordinator, whose issuing CA then leads to the root of the roster', async () => {
    const [tls, issuingCa] = [generateTlsKey(), generateTlsKey()];
    const request = await requestFile(
      'coordinator.request.json',
      await coordinatorRequest(signerOf('coordinator', 'coordinator'), {
        tls,
        issuingCa,
        endpoints: ['coordinator.example.org:8443'],
      }),
    );
    const { data } = await runAdmit({ ...alice(), ...request }, tools, io);
    expect(data).toMatchObject({ version: 2, missingSignatures: 1 });
    const chain = readCertificatesPem(await readFile(join(folder, 'coordinator.issuing-ca.pem'), 'utf8'));
    const nowMs = clock.now();
    const leaf = await issueSite(
      { key: issuingCa, certificate: chain[0] as Uint8Array },
      { site: 'cleveland' as never, spki: tls.spki, nowMs },
    );
    const { roots } = parseRoster(await readFile(rosterOf('alice', 2))).roster;
    const purpose = { kind: 'site', site: 'cleveland' } as const;
    expect(() => verifyChain([leaf, ...chain], { roots, purpose, nowMs })).not.toThrow();
    expect(await bobSigns(2)).toMatchObject({
      inForce: true,
      difference: ['coordinator coordinator at coordinator.example.org:8443 is new'],
    });
  });

  it('renew the issuing CA of the same coordinator without a new roster', async () => {
    const { file } = { file: join(folder, 'coordinator.request.json') };
    const words = requestWords(await readAdmissionRequest(await readFile(file)));
    const { data } = await runAdmit({ ...alice(), file, words }, tools, io);
    expect(data).toMatchObject({ version: 2, difference: [] });
  });

  it('invite a site by a token that only its file holds', async () => {
    const { data } = await runInvite({ ...alice(), site: 'cleveland' }, tools, io);
    const { tokenFile, invitationFile } = data as { tokenFile: string; invitationFile: string };
    expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
    const token = (await readFile(tokenFile, 'utf8')).trim();
    const { roster } = parseRoster(await readFile(rosterOf('alice', 2)));
    expect(readInvitation(await readFile(invitationFile), roster)).toMatchObject({ site: 'cleveland' });
    expect(JSON.stringify(data)).not.toContain(token);
  });

  it('admit several sites and a lead in one draft, and refuse wrong words', async () => {
    const cleveland = await requestFile(
      'c.json',
      await siteRequest(signerOf('site', 'cleveland'), generateTlsKey()),
    );
    const hungary = await requestFile(
      'h.json',
      await siteRequest(signerOf('site', 'hungary'), generateTlsKey()),
    );
    const lead = await requestFile('l.json', leadRequest(signerOf('lead', 'dr-lee')));
    const swapped = runAdmit({ ...alice(), file: cleveland.file, words: hungary.words }, tools, io);
    await expect(swapped).rejects.toMatchObject({ code: 'WORDS_MISMATCH' });
    for (const request of [cleveland, hungary, lead]) await runAdmit({ ...alice(), ...request }, tools, io);
    expect(await bobSigns(3)).toMatchObject({
      difference: ['lead dr-lee is new', 'site cleveland is admitted', 'site hungary is admitted'],
    });
  });

  it('revoke a site, which the roster then shows', async () => {
    await runRevoke({ ...alice(), site: 'cleveland', reason: 'lost' }, tools, io);
    expect(await bobSigns(4)).toMatchObject({
      difference: ['site cleveland is revoked: lost'],
      inForce: true,
    });
    const shown = await runRosterShow({ file: rosterOf('bob', 4) });
    expect(shown.text).toContain('cleveland (revoked: lost), hungary');
    const again = runRevoke({ ...alice(), site: 'cleveland', reason: 'lost' }, tools, io);
    await expect(again).rejects.toMatchObject({ code: 'ROSTER_INVALID' });
  });

  it('sign nothing that nobody agreed to', async () => {
    await runRevoke({ ...alice(), site: 'hungary', reason: 'left' }, tools, io);
    const file = rosterOf('alice', 5);
    await expect(runRosterSign({ ...bob(), file, isAgreed: false }, tools, io)).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return 'no';
    };
    const asked = runRosterSign({ ...bob(), file, isAgreed: false }, { ...tools, ask }, io);
    await expect(asked).rejects.toThrow(/nothing was signed/);
    expect(questions).toEqual([expect.stringContaining('site hungary is revoked: left')]);
    expect(parseRoster(await readFile(file)).signatures).toHaveLength(1);
  });

  it('refuse a change that would void the signature of another officer', async () => {
    const draft = await copied(rosterOf('alice', 5), rosterOf('bob', 5));
    const changed = runRevoke({ ...bob(), site: 'hungary', reason: 'lost' }, tools, io);
    await expect(changed).rejects.toThrow(/signed by alice/);
    expect(await readFile(rosterOf('bob', 5))).toEqual(draft);
  });

  it('refuse another roster of a version that is in force', async () => {
    const trial = { officer: 'eve', folder: join(folder, 'eve') };
    await runConsortiumInit({ ...trial, name: 'heartland', threshold: 1 }, tools, io);
    const signed = runRosterSign({ ...alice(), file: rosterOf('eve', 1), isAgreed: true }, tools, io);
    await expect(signed).rejects.toThrow(/which is in force/);
  });

  it('refuse a folder of another officer', async () => {
    const other = runRevoke({ ...alice(), officer: 'bob', site: 'hungary', reason: 'left' }, tools, io);
    await expect(other).rejects.toThrow(/expected the key of bob, got alice's/);
  });
});

describe('officers who change after the founding', () => {
  const dave = () => ({ officer: 'dave', folder: join(folder, 'dave') });
  const signedByBob = async (version: number) => {
    await runRosterSign({ ...bob(), file: rosterOf('alice', version), isAgreed: true }, tools, io);
    return parseRoster(await readFile(rosterOf('alice', version)));
  };

  it('are added by those before them, and decide nothing in the roster that adds them', async () => {
    await signedByBob(5);
    const rosters = await Promise.all(
      [1, 2, 3, 4, 5].map(async (version) => parseRoster(await readFile(rosterOf('alice', version)))),
    );
    const { data } = await runOfficersAsk({ ...dave(), rosters }, tools);
    const { request, words } = data as { request: string; words: string };
    const asMember = runAdmit({ ...alice(), file: request, words }, tools, io);
    await expect(asMember).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await runAdmit({ ...alice(), file: request, words, isOfficer: true }, tools, io);
    const file = rosterOf('alice', 6);
    const own = await runRosterSign({ ...dave(), file, isAgreed: true }, tools, io);
    expect(own.data).toMatchObject({ missingSignatures: 1, signedBy: ['alice', 'dave'] });
    expect((await runRosterSign({ ...bob(), file, isAgreed: true }, tools, io)).data).toMatchObject({
      inForce: true,
      difference: ['officer dave is new'],
    });
    await runRosterSign({ ...dave(), file, isAgreed: false }, tools, io);
  });

  it('raise the threshold under the old one, which counts from the roster after', async () => {
    await runOfficersThreshold({ ...alice(), threshold: 3 }, tools);
    expect((await signedByBob(7)).roster.threshold).toBe(3);
    await runRosterSign({ ...dave(), file: rosterOf('alice', 7), isAgreed: false }, tools, io);
    const { data } = await runOfficersThreshold({ ...alice(), threshold: 1 }, tools);
    expect(data).toMatchObject({ missingSignatures: 2, inForce: false });
    await signedByBob(8);
    const last = await runRosterSign({ ...dave(), file: rosterOf('alice', 8), isAgreed: true }, tools, io);
    expect(last.data).toMatchObject({ inForce: true, trial: true });
    await runRosterSign({ ...bob(), file: rosterOf('alice', 8), isAgreed: false }, tools, io);
  });

  it('refuse a threshold that nobody could meet, and to leave fewer than it asks for', async () => {
    const four = runOfficersThreshold({ ...alice(), threshold: 4 }, tools);
    await expect(four).rejects.toThrow(/at most the 3 officers/);
    await runOfficersThreshold({ ...alice(), threshold: 3 }, tools);
    const left = runOfficersRemove({ ...alice(), removed: 'dave' }, tools);
    await expect(left).rejects.toThrow(/at most the 2 officers there would be, got 3/);
    const stranger = runOfficersRemove({ ...alice(), removed: 'zoe' }, tools);
    await expect(stranger).rejects.toMatchObject({ code: 'ROSTER_INVALID' });
  });

  it('may sign the roster that removes them, and no later one', async () => {
    const signedBy = async (version: number, ...officers: readonly ReturnType<typeof bob>[]) => {
      const file = rosterOf('alice', version);
      for (const own of officers) await runRosterSign({ ...own, file, isAgreed: true }, tools, io);
      return parseRoster(await readFile(file)).signatures.length;
    };
    await signedBy(9, bob(), dave());
    await runOfficersThreshold({ ...alice(), threshold: 2 }, tools);
    expect(await signedBy(10, bob(), dave())).toBe(3);
    await runOfficersRemove({ ...alice(), removed: 'dave' }, tools);
    const last = await runRosterSign({ ...dave(), file: rosterOf('alice', 11), isAgreed: true }, tools, io);
    expect(last.data).toMatchObject({ inForce: true, signedBy: ['alice', 'dave'] });
    const later = runOfficersThreshold({ ...dave(), threshold: 1 }, tools);
    await expect(later).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });
});

describe('runConsortiumInit', () => {
  it('makes a trial consortium of one officer, in force at once, and says so', async () => {
    const own = { officer: 'olga', folder: join(folder, 'olga') };
    const { text, data } = await runConsortiumInit({ ...own, name: 'trial', threshold: 1 }, tools, io);
    expect(text).toContain('trial consortium');
    expect(data).toMatchObject({ trial: true, inForce: true, signedBy: ['olga'] });
  });
});

describe('confirmWords', () => {
  const arrived = 'lusab-babad-gutih-tugad-gutuk-bisog-mudof-sakat';
  // Bytes 2 and 0: place 2 mod 8, then the next but none, place 3; people count from 1.
  const random = { kind: 'secure', bytes: () => Uint8Array.of(2, 0) } as const;

  it('asks for two of the words, and goes on with them alone', async () => {
    const questions: string[] = [];
    const answering = (answer: string) => ({
      random,
      ask: async (question: string) => {
        questions.push(question);
        return answer;
      },
    });
    const options = { given: undefined, whose: 'site cleveland' };
    await confirmWords(arrived, options, answering('Gutih tugad'));
    expect(questions[0]).toContain('words 3 and 4');
    for (const answer of ['gutih', 'tugad gutih', '', arrived]) {
      await expect(confirmWords(arrived, options, answering(answer))).rejects.toMatchObject({
        code: 'WORDS_MISMATCH',
      });
    }
  });

  it('needs all eight where there is no terminal', async () => {
    const noTerminal = { random, ask: undefined };
    const whose = 'site cleveland';
    await confirmWords(arrived, { given: arrived.replaceAll('-', ' '), whose }, noTerminal);
    await expect(confirmWords(arrived, { given: undefined, whose }, noTerminal)).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    await expect(confirmWords(arrived, { given: 'gutih tugad', whose }, noTerminal)).rejects.toMatchObject({
      code: 'WORDS_MISMATCH',
    });
  });
});

async function copied(from: string, to: string): Promise<Buffer> {
  await copyFile(from, to);
  return readFile(to);
}

function signerOf(role: Signer['role'], id: string): Signer {
  return { role, id, key: generateSigningKey() };
}
