import { MAX_STEPS } from '../tensor/ring.ts';
import { type MeanDelta, scaledMean } from './mean-delta.ts';

/**
 * FedNova (Wang et al. 2020, arXiv:2007.07481): each site's delta is divided by its local steps and the mean is
 * multiplied by the weighted mean of the steps, so that a site that took more steps does not pull the objective its
 * way. The division happens at the site, before it rounds (`QuantizeTerms.steps`); here follows the multiplication.
 * @param perStep weighted mean over holders of delta / steps.
 * @param sums `steps` the sum of the header coordinates, `weight` A the sum of the shares.
 */
export function fedNovaMean(
  perStep: MeanDelta,
  sums: { readonly steps: number; readonly weight: number },
): MeanDelta {
  return scaledMean(perStep, meanSteps(sums));
}

/** Weighted mean over holders of their local steps. `weight` must be above 0. */
export function meanSteps(sums: { readonly steps: number; readonly weight: number }): number {
  return (MAX_STEPS * sums.steps) / sums.weight;
}
