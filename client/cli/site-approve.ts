import type { AuditEntry } from '../../shared/audit/audit-line.ts';
import { readText } from '../../shared/config/read-text.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type PassphraseSource, readSigningKey } from '../../shared/crypto/key-file.ts';
import type { SigningKey } from '../../shared/crypto/sign.ts';
import { signApproval } from '../../shared/identity/approval.ts';
import { openSource } from '../../shared/identity/signed-study.ts';
import { NODE, readNodeFile } from '../node/node-file.ts';
import { type NodeFolder, nodeFolder } from '../node/node-folder.ts';
import { openSiteAudit } from '../node/site-audit.ts';
import { requireAllowed } from '../policy/decide.ts';
import { endOfDay, isDay, policyDigest } from '../policy/policy.ts';
import { policyAt } from '../policy/policy-file.ts';
import { standingRefusals } from '../policy/standing-refusals.ts';
import { fileApprovals } from '../storage/approvals.ts';
import { fileReviews } from '../storage/reviews.ts';
import { withLock } from '../storage/sqlite-lock.ts';
import { studyFacts } from './site-review.ts';
import { hashArgument } from './study-argument.ts';

export interface SiteApproveOptions {
  /** With or without `sha256:` before it. */
  readonly hash: string;
  /** `2027-06-30`: the last day, UTC. */
  readonly until: string;
  readonly folder: string;
  /** Opens the site's identity key. */
  readonly passphrase: PassphraseSource;
  readonly clock: Clock;
}

/**
 * Signs that a study may run here, under the policy as it is now, and keeps that.
 * @throws ConsiliumError `NOT_REVIEWED`; `POLICY_REFUSED` where the policy would not let it run; `BAD_ARGUMENT` for a day
 * that is none or is over; `BAD_ID`.
 */
export async function runSiteApprove(options: SiteApproveOptions, _io: CommandIo): Promise<CommandResult> {
  const folder = nodeFolder(options.folder);
  const studyHash = hashArgument(options.hash);
  const untilMs = endOf(options.until, options.clock.now());
  const { site } = readNodeFile(readText(folder.nodeFile, NODE), folder.nodeFile);
  const reviews = fileReviews(folder.reviews);
  const review = await reviews.find(studyHash);
  if (review === undefined) {
    throw new ConsiliumError(
      'NOT_REVIEWED',
      `sha256:${studyHash}: expected a study that was reviewed here, got another`,
      {
        hint: 'Run: consilium site review STUDY',
      },
    );
  }
  const policy = policyAt(folder.policy);
  const { study } = openSource({ source: review.source, settings: new Map(Object.entries(review.settings)) });
  const facts = studyFacts({ study, hash: studyHash, lead: review.lead ?? undefined });
  // Which modalities are held is for the declaration; the rest must be in order now.
  requireAllowed(standingRefusals(policy, facts, { modalities: [] }), `sha256:${studyHash}`);
  const key = await identityOf(folder, options);
  const policyHash = policyDigest(policy);
  const approval = signApproval({ role: 'site', id: site, key }, { site, studyHash, policyHash, untilMs });
  const data = { policy: `sha256:${policyHash}`, untilMs };
  await withLock(folder.approvalsLock, async () => {
    await record(folder, options, key, { type: 'study.approved', study: studyHash, data });
    await fileApprovals(folder.approvals, key.publicKey).add(approval);
  });
  await reviews.save({ ...review, approvedMs: options.clock.now() });
  const { until } = options;
  return {
    text: [
      `approved ${study.id} (sha256:${studyHash}) at ${site} until the end of ${until}, UTC`,
      `under the policy sha256:${policyHash}`,
      `to take it back: consilium site withdraw sha256:${studyHash}`,
    ].join('\n'),
    data: { site, study: study.id, hash: studyHash, policy: policyHash, until, untilMs },
  };
}

export interface SiteWithdrawOptions extends Omit<SiteApproveOptions, 'until'> {}

/**
 * Takes an approval back, at the next message of a daemon that runs.
 * @throws ConsiliumError `BAD_ARGUMENT` where the study is not approved here; `BAD_ID`.
 */
export async function runSiteWithdraw(options: SiteWithdrawOptions, io: CommandIo): Promise<CommandResult> {
  const folder = nodeFolder(options.folder);
  const studyHash = hashArgument(options.hash);
  const key = await identityOf(folder, options);
  const approvals = fileApprovals(folder.approvals, key.publicKey);
  const wasApproved = await withLock(folder.approvalsLock, async () => {
    if (!(await approvals.all()).some((approval) => approval.studyHash === studyHash)) return false;
    await record(folder, options, key, { type: 'study.withdrawn', study: studyHash });
    return approvals.remove(studyHash);
  });
  const isListed = policyAt(folder.policy).studies.allow.some(({ hash }) => hash === studyHash);
  if (isListed)
    io.warn(`${folder.policy} lists the study under studies.allow: it runs until that line is taken out`);
  if (!wasApproved && !isListed) {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `sha256:${studyHash}: expected a study that is approved here, got another`,
    );
  }
  return {
    text: wasApproved ? `withdrawn: sha256:${studyHash}` : `sha256:${studyHash}: no approval to take back`,
    data: { hash: studyHash, withdrawn: wasApproved, listedInPolicy: isListed },
  };
}

async function identityOf(
  { identityKey }: NodeFolder,
  { passphrase }: Pick<SiteApproveOptions, 'passphrase'>,
): Promise<SigningKey> {
  return (await readSigningKey(identityKey, passphrase)).key;
}

async function record(
  folder: NodeFolder,
  { clock }: Pick<SiteApproveOptions, 'clock'>,
  key: SigningKey,
  entry: AuditEntry,
): Promise<void> {
  const audit = await openSiteAudit(folder, { key, clock });
  try {
    await audit.append(entry);
    // Signed at once: no daemon may be there to do it in a minute.
    await audit.head();
  } finally {
    await audit.close();
  }
}

function endOf(until: string, nowMs: number): number {
  if (!isDay(until)) {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `--until: expected a day such as 2027-06-30, got ${JSON.stringify(until)}`,
    );
  }
  const untilMs = endOfDay(until);
  if (untilMs > nowMs) return untilMs;
  throw new ConsiliumError('BAD_ARGUMENT', `--until: expected a day that is not over, got ${until}`);
}
