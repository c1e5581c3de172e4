import type { Study } from '../../shared/study/study.ts';

/**
 * The study for a run with one site: merging becomes the identity (the site's weights are the next weights), so what is
 * left is ordinary training with the same model, optimizer, rounds and local epochs. The clip of the study stays.
 */
export function aloneStudy(study: Study): Study {
  return {
    ...study,
    training: { ...study.training, proximal: 0 },
    merge: {
      ...study.merge,
      weights: 'exact',
      // With rho = n_m / n of one site any beta above 0 would only shrink its own steps.
      rarityExponent: { from: 0, to: 0 },
      learningRate: 1,
      server: { kind: 'fedavg' },
      fedNova: false,
      robust: { kind: 'mean' },
      minHolders: 1,
      minPatients: 1,
    },
    // Nothing leaves the place, so that nothing needs to be hidden.
    privacy: { secureAggregation: false },
  };
}
