import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runSiteApprove, runSiteWithdraw } from '../../../client/cli/site-approve.ts';
import { runSiteAuditVerify } from '../../../client/cli/site-audit.ts';
import { runSiteInit } from '../../../client/cli/site-init.ts';
import { runSiteLedger } from '../../../client/cli/site-ledger.ts';
import { runSiteReview } from '../../../client/cli/site-review.ts';
import { nodeFolder } from '../../../client/node/node-folder.ts';
import { fileApprovals } from '../../../client/storage/approvals.ts';
import { fileLedger } from '../../../client/storage/file-ledger.ts';
import { headOnAudit } from '../../../client/storage/ledger-chain.ts';
import { readAudit } from '../../../shared/audit/audit-files.ts';
import { readAuditLine } from '../../../shared/audit/audit-line.ts';
import { openAuditLog } from '../../../shared/audit/audit-log.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import type { CommandIo } from '../../../shared/core/command-io.ts';
import { publicKeyAt } from '../../../shared/crypto/public-key.ts';
import { generateSigningKey } from '../../../shared/crypto/sign.ts';
import { signedStudyText, signStudy } from '../../../shared/identity/signed-study.ts';
import { explainStudy } from '../../../simulations/cli/explain-study.ts';

const NOW = Date.UTC(2026, 11, 1, 12);
const clock = virtualClock(NOW);
const passphrase = async () => undefined;

const STUDY = `study: heart
task: { kind: binary, label: disease }
modalities:
  labs: { kind: tabular, features: { chol: { unit: mg/dl }, fbs: { levels: [0, 1] } } }
  ecg: { kind: tabular, features: { restecg: { levels: [0, 1, 2] } } }
training: { rounds: 40 }
merge: { minHolders: 5, weights: bucketed }
`;

/** Allows the study, once it is approved. */
const POLICY = `policy: 1
modalities: { release: [labs, ecg] }
secureAggregation: { require: false }
update: { requireModelChain: false }
evaluation: { metrics: [auroc, auprc, brier, calibration], perSite: true }
`;

function listening() {
  const warnings: string[] = [];
  const io: CommandIo = {
    progress: () => undefined,
    note: () => undefined,
    warn: (line) => warnings.push(line),
    signal: new AbortController().signal,
    isTerminal: false,
  };
  return { io, warnings };
}

async function madeNode(policy = POLICY, source = STUDY) {
  const folder = join(await mkdtemp(join(tmpdir(), 'node-')), 'cleveland');
  const { io, warnings } = listening();
  await runSiteInit({ site: 'cleveland', folder, passphrase }, io);
  const paths = nodeFolder(folder);
  await writeFile(paths.policy, policy);
  const study = join(folder, 'heart.yaml');
  await writeFile(study, source);
  const review = async (path = study) =>
    runSiteReview({ study: path, folder, explain: explainStudy, clock }, io);
  const approve = (hash: string, until = '2027-06-30') =>
    runSiteApprove({ hash, until, folder, passphrase, clock }, io);
  const withdraw = (hash: string) => runSiteWithdraw({ hash, folder, passphrase, clock }, io);
  const approvals = async () => fileApprovals(paths.approvals, await publicKeyAt(paths.identityKey)).all();
  return { folder, paths, study, io, warnings, review, approve, withdraw, approvals };
}

const hashIn = (data: unknown) => (data as { readonly hash: string }).hash;

describe('site init', () => {
  it('makes a folder that only its owner enters, two keys, and a policy that denies', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'node-')), 'cleveland');
    const { io } = listening();
    await runSiteInit({ site: 'cleveland', folder, passphrase }, io);
    const { keys, identityKey, tlsKey, policy, nodeFile } = nodeFolder(folder);
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await Promise.all([folder, keys].map(mode))).toEqual([0o700, 0o700]);
    expect(await Promise.all([identityKey, tlsKey, policy, nodeFile].map(mode))).toEqual([
      0o600, 0o600, 0o600, 0o600,
    ]);
    expect(JSON.parse(await readFile(identityKey, 'utf8'))).toMatchObject({
      kind: 'ed25519',
      id: 'cleveland',
    });
  });

  it('leaves a node that is there as it is', async () => {
    const { folder, paths, io } = await madeNode();
    const before = await readFile(paths.identityKey, 'utf8');
    const again = runSiteInit({ site: 'other', folder, passphrase }, io);
    await expect(again).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    expect(await readFile(paths.identityKey, 'utf8')).toBe(before);
  });
});

describe('site review', () => {
  it('says what leaves, in bytes of each block, of a round and of all rounds', async () => {
    const { review } = await madeNode();
    const { text, data } = await review();
    const { blocks } = data as {
      readonly blocks: readonly { readonly id: string; readonly parameters: number }[];
    };
    const round = 4 * blocks.reduce((sum, { parameters }) => sum + parameters, 0);
    expect(blocks.map(({ id }) => id)).toEqual(['encoder:ecg', 'encoder:labs', 'joint']);
    expect(text).toMatch(new RegExp(`each round, at most +${round} bytes`));
    expect(text).toMatch(new RegExp(`in 40 rounds, at most +${40 * round} bytes`));
  });

  it('says what the coordinator can read of the site by itself, with masks and without', async () => {
    const plain = await (await madeNode()).review();
    expect(plain.text).toContain('The coordinator reads each update of this site by itself');
    const masked = await (await madeNode(POLICY, `${STUDY}privacy: { secureAggregation: true }\n`)).review();
    expect(masked.text).toContain('the coordinator reads sums over at least 5 sites');
    expect(masked.text).toContain('no count, delta, weight, loss or score');
    expect(masked.text).toContain('It sees which modalities this site holds');
  });

  it('says plainly that there is no noise', async () => {
    const { text } = await (await madeNode()).review();
    expect(text).toContain('differential privacy: none, the study asks for no noise');
  });

  it('lists all that the policy of a new site refuses, but for the approval that is asked for', async () => {
    const { review } = await madeNode('policy: 1\n');
    const { data } = await review();
    const { refusals } = data as { readonly refusals: readonly { readonly field: string }[] };
    expect([...new Set(refusals.map(({ field }) => field))].sort()).toEqual([
      'evaluation.metrics',
      'evaluation.perSite',
      'modalities.release',
      'secureAggregation.require',
      'update.requireModelChain',
    ]);
  });

  it('says what the mapping lacks, and counts only the blocks that are held', async () => {
    const { folder, paths, review } = await madeNode();
    await writeFile(
      paths.nodeFile,
      'site: cleveland\nstudies: { heart: { mapping: heart.site.yaml, data: data } }\n',
    );
    await writeFile(
      join(folder, 'heart.site.yaml'),
      `site: cleveland
data:
  patients: { file: patients.csv, id: id, label: disease }
  modalities: { labs: { columns: [chol] } }
`,
    );
    const { text, data } = await review();
    expect(data).toMatchObject({
      mapped: ['labs'],
      lacking: [expect.stringContaining('modality ecg'), expect.stringContaining('feature labs.fbs')],
    });
    expect(text).not.toMatch(/encoder:ecg +\d+ bytes/);
  });

  it('shows the difference to the version that was approved last', async () => {
    const { study, review, approve } = await madeNode();
    await approve(hashIn((await review()).data));
    await writeFile(study, STUDY.replace('rounds: 40', 'rounds: 60'));
    const { text, data } = await review();
    expect(data).toMatchObject({
      difference: { settings: [{ path: 'training.rounds', before: '40', after: '60' }] },
    });
    expect(text).toContain('training.rounds: 40 -> 60');
  });

  it('reads a signed study, and says that the signature was not checked without a roster', async () => {
    const { folder, review } = await madeNode();
    const signed = signStudy(
      { id: 'dr-lee', key: generateSigningKey() },
      { source: STUDY, settings: new Map([['training.rounds', '7']]) },
    );
    const path = join(folder, 'heart.signed.json');
    await writeFile(path, signedStudyText(signed));
    const { text, data } = await review(path);
    expect(data).toMatchObject({ signedBy: 'dr-lee', isChecked: false, lead: null, rounds: 7 });
    expect(text).toContain('was not checked');
  });
});

describe('site approve', () => {
  it('signs what was reviewed, under the policy, to the end of the day, and puts it on the audit log', async () => {
    const { paths, review, approve, approvals } = await madeNode();
    const hash = hashIn((await review()).data);
    await approve(`sha256:${hash}`);
    expect(await approvals()).toEqual([
      expect.objectContaining({ site: 'cleveland', studyHash: hash, untilMs: Date.UTC(2027, 6, 1) }),
    ]);
    const { lines } = await readAudit(paths.audit);
    expect(readAuditLine(lines[0] as string)).toMatchObject({ type: 'study.approved', study: hash });
  });

  it('refuses a hash that nobody reviewed', async () => {
    const { approve, approvals } = await madeNode();
    await expect(approve('ab'.repeat(32))).rejects.toMatchObject({ code: 'NOT_REVIEWED' });
    expect(await approvals()).toEqual([]);
  });

  it('refuses a study that the policy would not let run, and names the field', async () => {
    const { review, approve } = await madeNode(`${POLICY}limits: { rounds: 39 }\n`);
    const hash = hashIn((await review()).data);
    await expect(approve(hash)).rejects.toMatchObject({
      code: 'POLICY_REFUSED',
      message: expect.stringContaining('limits.rounds: expected at most 39 rounds, got training.rounds 40'),
    });
  });

  it.each(['2026-11-30', '2027-02-30', 'tomorrow'])('refuses %s as the last day', async (until) => {
    const { review, approve } = await madeNode();
    const hash = hashIn((await review()).data);
    await expect(approve(hash, until)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});

describe('site withdraw', () => {
  it('takes the approval back, and says so on the audit log', async () => {
    const { paths, review, approve, withdraw, approvals } = await madeNode();
    const hash = hashIn((await review()).data);
    await approve(hash);
    await withdraw(hash);
    expect(await approvals()).toEqual([]);
    const { lines } = await readAudit(paths.audit);
    expect(lines.map((line) => readAuditLine(line)?.type)).toEqual(['study.approved', 'study.withdrawn']);
    await expect(withdraw(hash)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it('warns where the policy file lists the study as well', async () => {
    const { paths, withdraw, warnings } = await madeNode();
    const hash = 'ab'.repeat(32);
    await writeFile(
      paths.policy,
      `${POLICY}studies: { allow: [{ hash: "sha256:${hash}", until: 2027-06-30 }] }\n`,
    );
    await withdraw(hash);
    expect(warnings).toEqual([expect.stringContaining('studies.allow')]);
  });
});

describe('site ledger', () => {
  it('lists what left, of one study or of all', async () => {
    const { folder, paths, io, review } = await madeNode();
    const hash = hashIn((await review()).data);
    const ledger = await fileLedger(paths.ledger);
    const line = { time: NOW, kind: 'update', round: 1, bytes: 12, hash: 'cd'.repeat(32) } as const;
    await ledger.append({ ...line, study: hash } as never);
    await ledger.append({ ...line, study: 'ef'.repeat(32) } as never);
    await ledger.close();
    const list = async (study?: string) => (await runSiteLedger({ folder, study }, io)).data as unknown[];
    expect(await list()).toHaveLength(2);
    expect(await list('heart')).toEqual([
      expect.objectContaining({ seq: 1, study: hash, time: '2026-12-01T12:00:00.000Z' }),
    ]);
    expect(await list(`sha256:${'ef'.repeat(32)}`)).toEqual([expect.objectContaining({ seq: 2 })]);
    await expect(list('nonsense')).rejects.toMatchObject({ code: 'BAD_ID' });
  });

  it('lists nothing of a ledger that was edited or cut, and names the line; so does site audit verify', async () => {
    const { folder, paths, io } = await madeNode();
    const ledger = await fileLedger(paths.ledger);
    const line = {
      time: NOW,
      kind: 'update',
      study: 'ef'.repeat(32),
      bytes: 12,
      hash: 'cd'.repeat(32),
    } as const;
    for (const round of [1, 2, 3]) await ledger.append({ ...line, round } as never);
    const audit = await openAuditLog({ folder: paths.audit, key: generateSigningKey(), clock });
    await audit.append({ type: 'daemon.stopped', data: headOnAudit(ledger.head()) });
    await Promise.all([audit.close(), ledger.close()]);
    const verify = async () => runSiteAuditVerify({ folder, witness: undefined }, io);
    expect(await verify()).toMatchObject({ exitCode: 0, data: { ledger: { ok: true, lines: 3 } } });
    const whole = await readFile(paths.ledger, 'utf8');

    await writeFile(paths.ledger, whole.replace('"round":2', '"round":7'));
    await expect(runSiteLedger({ folder, study: undefined }, io)).rejects.toThrow(`${paths.ledger}:2: `);
    const edited = { ok: true, ledger: { ok: false, seq: 2, flaw: 'edited' } };
    expect(await verify()).toMatchObject({ exitCode: 1, data: edited });

    await writeFile(paths.ledger, whole.split('\n').slice(0, 2).join('\n').concat('\n'));
    await expect(runSiteLedger({ folder, study: undefined }, io)).rejects.toThrow(`${paths.ledger}:3: `);
    expect(await verify()).toMatchObject({ exitCode: 1, data: { ledger: { seq: 3, flaw: 'truncated' } } });
  });

  it('is empty where nothing has left', async () => {
    const { folder, io } = await madeNode();
    expect(await runSiteLedger({ folder, study: undefined }, io)).toMatchObject({ data: [] });
  });
});

describe('site audit verify', () => {
  it('ends with 0 for a whole log and with 1, naming the line, for one that was edited', async () => {
    const { folder, paths, io, review, approve } = await madeNode();
    await approve(hashIn((await review()).data));
    const verify = (witness?: string) => runSiteAuditVerify({ folder, witness }, io);
    expect(await verify()).toMatchObject({ exitCode: 0, data: { ok: true, lines: 1 } });
    const file = join(paths.audit, '000001.jsonl');
    await writeFile(file, (await readFile(file, 'utf8')).replace('approved', 'withdrawn'));
    expect(await verify()).toMatchObject({ exitCode: 1, data: { ok: false, seq: 1, flaw: 'edited' } });
  });

  it('finds a log that was cut, checkpoints and all, by what another party kept', async () => {
    const { folder, paths, io, review, approve } = await madeNode();
    await approve(hashIn((await review()).data));
    const witness = join(folder, 'heads.jsonl');
    await writeFile(witness, await readFile(join(paths.audit, 'checkpoints.jsonl')));
    await writeFile(join(paths.audit, '000001.jsonl'), '');
    await writeFile(join(paths.audit, 'checkpoints.jsonl'), '');
    expect(await runSiteAuditVerify({ folder, witness: undefined }, io)).toMatchObject({ exitCode: 0 });
    expect(await runSiteAuditVerify({ folder, witness }, io)).toMatchObject({
      exitCode: 1,
      data: { ok: false, seq: 1, flaw: 'truncated' },
    });
  });
});
