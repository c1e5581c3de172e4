import { type SecureParticipant, secureParticipant } from '../../client/secagg/secure-participant.ts';
import { transientSecureStore } from '../../client/secagg/secure-store.ts';
import type { SecureTerms } from '../../server/rounds/secure-session.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import type { KeyOf } from '../../shared/secagg/signed-message.ts';
import type { Study } from '../../shared/study/study.ts';

/** The keys and roster of a simulated consortium; undefined where the study does without secure aggregation. */
export function secureConsortium(
  study: Study,
  studyHash: ContentHash,
  sites: readonly SiteId[],
): { readonly terms: SecureTerms; participant(site: SiteId): SecureParticipant } | undefined {
  if (!study.privacy.secureAggregation) return undefined;
  const keys = new Map(sites.map((site) => [site, generateSigningKey()]));
  const keyOf: KeyOf = (site) => keys.get(site)?.publicKey;
  return {
    terms: { keyOf, rosterVersion: () => 1, sitesForget: true },
    participant(site) {
      const key = keys.get(site);
      if (key === undefined) throw new ConsiliumError('INTERNAL', `${site}: not in the simulated consortium`);
      return secureParticipant({
        identity: { site, key, keyOf },
        studyHash,
        kMin: study.merge.minHolders,
        store: transientSecureStore(),
        random: secureRandom,
      });
    },
  };
}
