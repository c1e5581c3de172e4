import { transientChainStore } from '../../client/chain/chain-store.ts';
import { type ModelChain, modelChain } from '../../client/chain/model-chain.ts';
import { type SecureParticipant, secureParticipant } from '../../client/secagg/secure-participant.ts';
import { transientSecureStore } from '../../client/secagg/secure-store.ts';
import type { SecureTerms } from '../../server/rounds/secure-session.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { generateSigningKey, signingKeyOf } from '../../shared/crypto/sign.ts';
import { signLasting } from '../../shared/identity/envelope.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { KeyOf } from '../../shared/secagg/signed-message.ts';
import type { Study } from '../../shared/study/study.ts';

/** What takes the place of keys and roster in a simulation. */
export interface SimulatedConsortium {
  readonly terms: SecureTerms;
  participant(site: SiteId, port: CoordinatorPort): SecureParticipant;
  /** A site's. */
  chain(port: CoordinatorPort): ModelChain;
}

/** The keys and roster of a simulated consortium; undefined where the study does without secure aggregation. */
export function secureConsortium(
  study: Study,
  studyHash: ContentHash,
  sites: readonly SiteId[],
): SimulatedConsortium | undefined {
  if (!study.privacy.secureAggregation) return undefined;
  const keys = new Map(sites.map((site) => [site, generateSigningKey()]));
  // The same in a run that is continued, whose records it has signed before.
  const key = signingKeyOf(Buffer.from(studyHash, 'hex'));
  const coordinator = { role: 'coordinator', id: 'simulator', key } as const;
  const keyOf: KeyOf = (site) => keys.get(site)?.publicKey;
  return {
    terms: {
      keyOf,
      rosterVersion: () => 1,
      signRecord: (content) => signLasting(coordinator, 'round-record', content),
      sitesForget: true,
    },
    chain: (port) =>
      modelChain({
        study,
        studyHash,
        coordinatorKey: () => coordinator.key.publicKey,
        port,
        store: transientChainStore(),
        onEvent: async () => undefined,
      }),
    participant(site, port) {
      const { robust } = study.merge;
      const key = keys.get(site);
      if (key === undefined) throw new ConsiliumError('INTERNAL', `${site}: not in the simulated consortium`);
      return secureParticipant({
        identity: { site, key, keyOf },
        studyHash,
        kMin: study.merge.minHolders,
        ...(robust.kind === 'geometric-median' && { median: { spec: robust, port } }),
        // A scenario takes sites away at will.
        maxSingletonChurn: async () => Number.POSITIVE_INFINITY,
        store: transientSecureStore(),
        random: secureRandom,
      });
    },
  };
}
