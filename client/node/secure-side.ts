import type { AuditLog } from '../../shared/audit/audit-log.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import type { Log } from '../../shared/core/log.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { keyOf, type Roster } from '../../shared/identity/roster.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import type { MergeSpec } from '../../shared/study/study.ts';
import type { SitePolicy } from '../policy/policy.ts';
import type { MedianTools } from '../secagg/later-sums.ts';
import { type SecureParticipant, secureParticipant } from '../secagg/secure-participant.ts';
import { fileSecureStore } from '../storage/secure-store.ts';
import type { ReadyNotices } from '../update/outboxed.ts';
import type { NodeFile } from './node-file.ts';
import type { NodeFolder } from './node-folder.ts';

/** What it needs of the node. */
export interface SecureSideTools {
  readonly folder: Pick<NodeFolder, 'secure'>;
  readonly node: Pick<NodeFile, 'site'>;
  /** The site's own. */
  readonly signer: Signer;
  readonly roster: () => Roster;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly log: Log;
}

/** The site's part in the secure sessions of a study, over what is on its disk. */
export interface SecureSide {
  readonly participant: SecureParticipant;
  readonly notices: ReadyNotices;
  close(): Promise<void>;
}

/** @param options.policy as it is now. @throws ConsiliumError `STATE_CORRUPT`, `POLICY_INVALID`. */
export async function openSecureSide(
  study: ContentHash,
  { folder, node, signer, roster, audit, log }: SecureSideTools,
  options: {
    readonly policy: () => Promise<Pick<SitePolicy, 'cohort' | 'secureAggregation'>>;
    readonly weights: MergeSpec['weights'];
    readonly median?: MedianTools;
  },
): Promise<SecureSide> {
  const { policy, weights, median } = options;
  const { key } = signer;
  const store = await fileSecureStore(folder.secure(study), { study, key, random: secureRandom });
  const participant = secureParticipant({
    identity: { site: node.site, key, keyOf: (site) => keyOf(roster(), 'site', site) },
    studyHash: study,
    kMin: (await policy()).cohort.kMin,
    ...(median && { median }),
    maxSingletonChurn: async () => (await policy()).secureAggregation.maxSingletonChurn,
    store,
    random: secureRandom,
    onSingleton({ round, purpose }, { block, singleton, steps }) {
      log.warn('secure.singleton', { study, round, purpose, block, site: singleton, steps });
      if (weights === 'exact' && purpose === 'train') {
        log.warn('secure.count-known', { study, round, block, site: singleton });
      }
    },
    onRefusal(session, error) {
      log.warn('secure.left', { session, code: error.code });
      const data = { study, session, reason: error.message };
      audit.append({ type: 'round.secure-left', data }).catch(() => {
        log.warn('audit.not-written', { type: 'round.secure-left' });
      });
    },
  });
  return { participant, notices: store.notices, close: () => store.close() };
}
