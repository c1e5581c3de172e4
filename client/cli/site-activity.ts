import { existsSync } from 'node:fs';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { plural } from '../../shared/core/plural.ts';
import { publicKeyAt } from '../../shared/crypto/public-key.ts';
import { openSource } from '../../shared/identity/signed-study.ts';
import type { NodeFolder } from '../node/node-folder.ts';
import { readStudyHeads } from '../node/witnessed-heads.ts';
import { policyDigest, type SitePolicy } from '../policy/policy.ts';
import { policyAt } from '../policy/policy-file.ts';
import { fileApprovals } from '../storage/approvals.ts';
import { readLedger } from '../storage/file-ledger.ts';
import { fileReviews, type Review } from '../storage/reviews.ts';
import { isHeld } from '../storage/sqlite-lock.ts';
import { fileTrainingTime } from '../storage/training-time.ts';
import { type SiteSpending, siteSpending, spendingText } from './site-spending.ts';

/** What a node did of late, and may do, from its files alone. */
export interface SiteActivity {
  readonly isRunning: boolean;
  /** `sha256:…`; null where the policy has faults. */
  readonly policy: string | null;
  /** Those that were reviewed, approved or trained. */
  readonly studies: readonly StudyActivity[];
  /** Of the last 24 hours. */
  readonly sent: { readonly messages: number; readonly bytes: number };
  readonly trainingHours: number;
  readonly privacy: SiteSpending;
}

export interface StudyActivity {
  readonly hash: string;
  /** Null where it was not reviewed here. */
  readonly study: string | null;
  /** ISO 8601; null: not approved. */
  readonly approvedUntil: string | null;
  readonly isInForce: boolean;
  /** The last round that this site was asked to train in, or saw committed; null: none was seen. */
  readonly round: number | null;
}

const DAY_MS = 24 * 3_600_000;

/** @throws ConsiliumError `STATE_CORRUPT`. */
export async function siteActivity(folder: NodeFolder, clock: Clock): Promise<SiteActivity> {
  const sinceMs = clock.now() - DAY_MS;
  const policy = policyOf(folder);
  return {
    isRunning: isHeld(folder.lease),
    policy: policy === undefined ? null : `sha256:${policyDigest(policy)}`,
    studies: await studiesOf(folder, clock),
    sent: await sentSince(folder, sinceMs),
    trainingHours: await trainedSince(folder, sinceMs),
    privacy: siteSpending(folder, policy),
  };
}

export function activityText(activity: SiteActivity): string[] {
  const { isRunning, policy, studies, sent, trainingHours, privacy } = activity;
  return [
    `  daemon       ${isRunning ? 'runs' : 'does not run'}`,
    `  policy       ${policy ?? 'has faults: consilium doctor names them'}`,
    `  last 24 h    ${plural(sent.messages, 'message')} of ${sent.bytes} bytes left, ${trainingHours.toFixed(2)} h of training`,
    ...studies.map(studyText),
    ...spendingText(privacy),
  ];
}

function studyText({ hash, study, approvedUntil, isInForce, round }: StudyActivity): string {
  const approval =
    approvedUntil === null
      ? 'not approved'
      : `${isInForce ? 'approved until' : 'approval ended'} ${approvedUntil.slice(0, 10)}`;
  const reached = round === null ? 'no round yet' : `round ${round}`;
  return `  study        ${study ?? 'not reviewed here'} (${hash.slice(0, 12)}): ${approval}, ${reached}`;
}

/** Undefined where it has faults. */
function policyOf({ policy }: NodeFolder): SitePolicy | undefined {
  try {
    return policyAt(policy);
  } catch (error) {
    if (error instanceof ConsiliumError) return undefined;
    throw error;
  }
}

async function studiesOf(folder: NodeFolder, clock: Clock): Promise<readonly StudyActivity[]> {
  const approvals = await fileApprovals(folder.approvals, await publicKeyAt(folder.identityKey)).all();
  const reviews = await fileReviews(folder.reviews).all();
  const heads = await readStudyHeads(folder.heads);
  const hashes = new Set<string>([
    ...reviews.map(({ hash }) => hash),
    ...approvals.map(({ studyHash }) => studyHash),
    ...heads.keys(),
  ]);
  return [...hashes].sort().map((hash) => {
    const approval = approvals.find(({ studyHash }) => studyHash === hash);
    const review = reviews.find((each) => each.hash === hash);
    const head = heads.get(hash);
    return {
      hash,
      study: review === undefined ? null : studyIn(review),
      approvedUntil: approval === undefined ? null : new Date(approval.untilMs - 1).toISOString(),
      isInForce: approval !== undefined && approval.untilMs > clock.now(),
      round: head === undefined ? null : Math.max(head.round, head.instructed),
    };
  });
}

function studyIn({ source, settings }: Review): string {
  return openSource({ source, settings: new Map(Object.entries(settings)) }).study.id;
}

async function sentSince({ ledger }: NodeFolder, sinceMs: number): Promise<SiteActivity['sent']> {
  const lines = (await readLedger(ledger, [])).filter(({ time }) => time >= sinceMs);
  return { messages: lines.length, bytes: lines.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function trainedSince({ trainingTime: path }: NodeFolder, sinceMs: number): Promise<number> {
  if (!existsSync(path)) return 0;
  const trained = await fileTrainingTime(path);
  try {
    return trained.since(sinceMs) / 3_600_000;
  } finally {
    await trained.close();
  }
}
