import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runSiteApprove } from '../../../client/cli/site-approve.ts';
import { runSiteInit } from '../../../client/cli/site-init.ts';
import { runSiteReview, studyFacts } from '../../../client/cli/site-review.ts';
import { nodeFolder } from '../../../client/node/node-folder.ts';
import { fetchStudy } from '../../../client/node/site-study.ts';
import { policyGate } from '../../../client/policy/gate.ts';
import { policyAt } from '../../../client/policy/policy-file.ts';
import { fileApprovals } from '../../../client/storage/approvals.ts';
import { fileLedger } from '../../../client/storage/file-ledger.ts';
import { fileTrainingTime } from '../../../client/storage/training-time.ts';
import { openAuditLog } from '../../../shared/audit/audit-log.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import type { CommandIo } from '../../../shared/core/command-io.ts';
import type { ContentHash } from '../../../shared/core/ids.ts';
import { publicKeyAt } from '../../../shared/crypto/public-key.ts';
import { generateSigningKey } from '../../../shared/crypto/sign.ts';
import type { Roster } from '../../../shared/identity/roster.ts';
import { openSource, signStudy } from '../../../shared/identity/signed-study.ts';
import { encodeSignedStudy } from '../../../shared/wire/study-codec.ts';
import { explainStudy } from '../../../simulations/cli/explain-study.ts';

const clock = virtualClock(Date.UTC(2026, 11, 1, 12));
const passphrase = async () => undefined;
const io: CommandIo = {
  progress: () => undefined,
  note: () => undefined,
  warn: () => undefined,
  signal: new AbortController().signal,
  isTerminal: false,
};

/** A study of one modality, with these widths of its encoder's layers. */
const sourceWith = (hidden: string) => `study: heart
task: { kind: binary, label: disease }
modalities:
  labs: { kind: tabular, features: { chol: { unit: mg/dl }, fbs: { levels: [0, 1] } }, hidden: ${hidden} }
merge: { minHolders: 5, weights: bucketed }
`;
const APPROVED = sourceWith('[8]');
/** The same, and a dense layer of 512 in front of the encoder: wide enough to keep single patients apart. */
const WIDENED = sourceWith('[512, 8]');
const opened = (source: string) => openSource({ source, settings: new Map() });

const POLICY = `policy: 1
modalities: { release: [labs] }
secureAggregation: { require: false }
update: { requireModelChain: false }
evaluation: { metrics: [auroc, auprc, brier, calibration], perSite: true }
`;

/** A hospital's folder in which the first study was reviewed and approved. */
async function hospital() {
  const folder = join(await mkdtemp(join(tmpdir(), 'approved-')), 'cleveland');
  await runSiteInit({ site: 'cleveland', folder, passphrase }, io);
  const paths = nodeFolder(folder);
  await writeFile(paths.policy, POLICY);
  const review = async (source: string) => {
    const study = join(folder, 'heart.yaml');
    await writeFile(study, source);
    return runSiteReview({ study, folder, explain: explainStudy, clock }, io);
  };
  const approve = (hash: ContentHash) =>
    runSiteApprove({ hash, until: '2027-06-30', folder, passphrase, clock }, io);
  await review(APPROVED);
  await approve(opened(APPROVED).hash);
  return { paths, review, approve };
}

/** What the daemon's gate has against taking part in the study at all. */
async function refusalsOf(source: string, { paths }: Pick<Awaited<ReturnType<typeof hospital>>, 'paths'>) {
  const { study, hash } = opened(source);
  const ledger = await fileLedger(paths.ledger);
  const trainingTime = await fileTrainingTime(paths.trainingTime);
  const audit = await openAuditLog({ folder: paths.audit, key: generateSigningKey(), clock });
  const key = await publicKeyAt(paths.identityKey);
  try {
    const gate = policyGate({
      study: studyFacts({ study, hash, lead: undefined }),
      policy: async () => policyAt(paths.policy),
      approvals: () => fileApprovals(paths.approvals, key).all(),
      ledger,
      trainingTime,
      audit,
      clock,
    });
    return await gate.refusals({ kind: 'ask' });
  } finally {
    await ledger.close();
    await trainingTime.close();
    await audit.close();
  }
}

describe('a study that is another than the one that was approved', () => {
  it('S8: with an extra dense layer in front of an encoder is refused: its hash is not the approved one', async () => {
    const site = await hospital();
    expect(await refusalsOf(APPROVED, site)).toEqual([]);
    expect(await refusalsOf(WIDENED, site)).toEqual([
      {
        field: 'studies.allow',
        expected: `an approval of sha256:${opened(WIDENED).hash}, or of its lead`,
        found: 'none',
      },
    ]);
    await expect(site.approve(opened(WIDENED).hash)).rejects.toMatchObject({ code: 'NOT_REVIEWED' });
  });

  it.each([
    ['a layer', sourceWith('[8]').replace('hidden: [8]', 'layers: [{ kind: memorizer, width: 8 }]')],
    ['an encoder', sourceWith('[8]').replace('kind: tabular', 'kind: memorizer')],
  ])(
    'S8: with %s that no release has is no study, and there is nothing to approve',
    async (_name, source) => {
      const { review } = await hospital();
      await expect(review(source)).rejects.toMatchObject({ code: 'STUDY_INVALID' });
    },
  );

  it('S8: served in the place of the approved one is not trained, though its own lead signed it', async () => {
    const lead = generateSigningKey();
    const roster: Roster = {
      format: 1,
      consortium: 'hearts',
      version: 1,
      previous: undefined,
      issued: '2026-12-01T00:00:00.000Z',
      threshold: 1,
      officers: [],
      coordinator: undefined,
      leads: [{ id: 'dr-lee', key: lead.publicKey }],
      sites: [],
      roots: [],
    };
    const served = (source: string) => ({
      roster: () => roster,
      calls: {
        call: async () =>
          encodeSignedStudy(signStudy({ id: 'dr-lee', key: lead }, { source, settings: new Map() })),
      },
    });
    const { hash } = opened(APPROVED);
    expect((await fetchStudy(hash, served(APPROVED))).study.id).toBe('heart');
    await expect(fetchStudy(hash, served(WIDENED))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining(opened(WIDENED).hash),
    });
  });
});
