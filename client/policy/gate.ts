import type { AuditEntry } from '../../shared/audit/audit-line.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import type { FileLedger } from '../storage/file-ledger.ts';
import { headOnAudit } from '../storage/ledger-chain.ts';
import type { TrainingTime } from '../storage/training-time.ts';
import { decide, type SiteAction, type SiteFacts, type StudyFacts } from './decide.ts';
import { policyDigest, type SitePolicy } from './policy.ts';
import type { Refusal } from './refusal.ts';

/** Asked before each thing that a site does in a study; the answer holds for that moment. */
export interface Gate {
  /** Every reason against it, each one on the audit log; none: it may be done. */
  refusals(action: SiteAction): Promise<readonly Refusal[]>;
  /** Puts something that was allowed on the audit log, with the policy that allowed it and the ledger as it is. */
  record(entry: Pick<AuditEntry, 'type' | 'round' | 'data'>): Promise<void>;
  /** A round's training has ended. */
  trained(durationMs: number): Promise<void>;
}

export interface GateOptions {
  readonly study: StudyFacts;
  /** As it is now. @throws ConsiliumError `POLICY_INVALID`: then nothing is done. */
  readonly policy: () => Promise<SitePolicy>;
  readonly approvals: () => Promise<SiteFacts['approvals']>;
  readonly ledger: Pick<FileLedger, 'lines' | 'head'>;
  readonly trainingTime: TrainingTime;
  /** Of a study with noise. */
  readonly budget?: () => SiteFacts['budget'];
  readonly audit: { append(entry: AuditEntry): Promise<unknown> };
  readonly clock: Clock;
}

const DAY_MS = 24 * 3_600_000;

export function policyGate(options: GateOptions): Gate {
  const { study, ledger, trainingTime, audit, clock } = options;
  let digest: ContentHash | undefined;

  /** The policy, and a line on the audit log where it is another than before. */
  async function current(): Promise<SitePolicy> {
    const policy = await options.policy();
    const now = policyDigest(policy);
    if (digest !== undefined && now !== digest) {
      await audit.append({ type: 'policy.changed', data: { policy: `sha256:${now}`, kill: policy.kill } });
    }
    digest = now;
    return policy;
  }

  async function siteFacts(): Promise<SiteFacts> {
    const nowMs = clock.now();
    const uploads = (await ledger.lines()).filter(
      ({ kind, time }) => (kind === 'update' || kind === 'secure') && time > nowMs - DAY_MS,
    );
    return {
      nowMs,
      approvals: await options.approvals(),
      trainedMs: trainingTime.since(nowMs - DAY_MS),
      uploadedBytes: uploads.reduce((sum, { bytes }) => sum + bytes, 0),
      budget: options.budget?.(),
    };
  }

  return {
    async refusals(action) {
      const policy = await current();
      const refusals = decide(policy, study, action, await siteFacts());
      const round = 'round' in action ? { round: action.round } : {};
      for (const field of new Set(refusals.map((refusal) => refusal.field))) {
        const data = { action: action.kind, field, policy: `sha256:${digest}` };
        await audit.append({ type: 'policy.refused', study: study.hash, ...round, data });
      }
      return refusals;
    },
    async record({ data, ...entry }) {
      await audit.append({
        ...entry,
        study: study.hash,
        data: { ...data, policy: `sha256:${digest}`, ...headOnAudit(ledger.head()) },
      });
    },
    trained: (durationMs) => trainingTime.add({ endMs: clock.now(), durationMs }),
  };
}
