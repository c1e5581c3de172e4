import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { plural } from '../../shared/core/plural.ts';
import { claimData, claimWords, epsilonWords } from '../../shared/privacy/claim.ts';
import { type Noise, type NoisePlan, noisePlan, stepsPerRound } from '../../shared/privacy/noise-plan.ts';

export interface PrivacyCalibrateOptions {
  /** Training patients of the site. */
  readonly patients: number;
  readonly batch: number;
  /** Local epochs of a round. */
  readonly epochs: number;
  readonly rounds: number;
  readonly noise: Noise;
  /** Undefined: by the number of patients. */
  readonly delta: number | undefined;
}

/** Multipliers of the table that shows what noise buys. */
const SHOWN = [0.8, 1, 1.5, 2, 4] as const;

/**
 * What noise costs and buys at a site of so many patients: for the epsilon or the multiplier that is asked for, and in a
 * table for others. No data is read.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export async function runPrivacyCalibrate(
  options: PrivacyCalibrateOptions,
  _io: CommandIo,
): Promise<CommandResult> {
  const { patients, batch, epochs, rounds, noise, delta } = options;
  const steps = stepsPerRound({ kind: 'epochs', count: epochs }, { patients, batch });
  const terms = { patients, rounds, stepsPerRound: steps };
  const planOf = (each: Noise) =>
    noisePlan({ noise: each, ...(delta === undefined ? {} : { delta }), batch, ...terms });
  const plan = planOf(noise);
  const others = SHOWN.map((multiplier) => planOf({ kind: 'multiplier', multiplier }));
  return {
    text: [
      `${plural(patients, 'training patient')}, ${batch} a step, ${plural(epochs, 'epoch')} a round`,
      '',
      ...claimWords(plan, terms).map((line) => `  ${line}`),
      '',
      `Other noise, at delta ${plan.delta}, for the same unit, adjacency and accountant:`,
      '  multiplier  epsilon, one round  epsilon, all rounds',
      ...others.map(rowText),
    ].join('\n'),
    data: {
      ...claimData(plan, terms),
      batch,
      epochs,
      alternatives: others.map(({ multiplier, epsilonPerRound, epsilonTotal }) => ({
        multiplier,
        epsilonPerRound,
        epsilonTotal,
      })),
    },
  };
}

function rowText({ multiplier, epsilonPerRound, epsilonTotal }: NoisePlan): string {
  return `  ${multiplier.toFixed(1).padStart(10)}  ${epsilonWords(epsilonPerRound).padStart(18)}  ${epsilonWords(epsilonTotal).padStart(19)}`;
}
