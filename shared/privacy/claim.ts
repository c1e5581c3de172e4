import { plural } from '../core/plural.ts';
import { epsilonBand } from './band.ts';
import type { NoisePlan } from './noise-plan.ts';
import { ACCOUNTANT_VERSION } from './rdp-accountant.ts';

/** Above it a guarantee hardly limits anything, and is said to. */
const MEANS_LITTLE = 10;

/** What every figure of privacy is printed with: without these it means nothing. */
export const CLAIM_TERMS = {
  unit: 'one patient, with all records of that patient at the site',
  adjacency: 'one patient added or removed',
  site: 'this site alone; a patient known at two sites pays at both',
  covered: "the updates of the study's training rounds, and whatever is made from them",
  notCovered: [
    'validation and test patients: sums of an evaluation carry no noise',
    'the choice of settings on validation data',
    'counts before round 1, and which modalities are held',
    'when messages are sent, and how long they are',
  ],
  accountant: ACCOUNTANT_VERSION,
} as const;

export interface ClaimTerms {
  readonly patients: number;
  readonly rounds: number;
  readonly stepsPerRound: number;
}

/** The claim of a plan at one site, for the person who decides; never leaves the site. */
export function claimWords(
  plan: NoisePlan,
  { patients, rounds, stepsPerRound }: ClaimTerms,
): readonly string[] {
  const { epsilonTotal, epsilonPerRound, delta, multiplier, sampleRate } = plan;
  return [
    `epsilon      ${epsilonWords(epsilonTotal)} over ${plural(rounds, 'round')}; ${epsilonWords(epsilonPerRound)} in one round by itself`,
    `delta        ${delta}`,
    `noise        ${multiplier.toFixed(3)} clip norms a step; ${plural(stepsPerRound, 'step')} a round, a patient is in one with probability ${sampleRate.toPrecision(3)}`,
    ...termWords(),
    `patients     ${plural(patients, 'training patient')} at this site`,
    ...meaningWords(epsilonTotal),
  ];
}

/** What a figure is printed with. */
export function termWords(): readonly string[] {
  return [
    `unit         ${CLAIM_TERMS.unit}`,
    `adjacency    ${CLAIM_TERMS.adjacency}`,
    `site         ${CLAIM_TERMS.site}`,
    `covered      ${CLAIM_TERMS.covered}`,
    ...CLAIM_TERMS.notCovered.map((each) => `not covered  ${each}`),
    `accountant   ${CLAIM_TERMS.accountant}`,
  ];
}

/** What a site states of its noise, for the consortium. */
export function statementWords({
  epsilonBand,
  delta,
  multiplier,
}: {
  readonly epsilonBand: number;
  readonly delta: number;
  readonly multiplier: number | undefined;
}): string {
  const noise = multiplier === undefined ? '' : `, noise of ${multiplier} clip norms a step`;
  const little = epsilonBand <= MEANS_LITTLE ? '' : ' (above 10 it means little)';
  return `epsilon at most ${epsilonBand} over all rounds${little}, delta ${delta}${noise}`;
}

/** Never less than it is: two decimals, rounded up. */
export function epsilonWords(epsilon: number): string {
  return Number.isFinite(epsilon) ? (Math.ceil(epsilon * 100) / 100).toFixed(2) : 'without bound';
}

/** What the figure lets somebody do who knows all but one patient. */
function meaningWords(epsilon: number): readonly string[] {
  if (!(epsilon <= MEANS_LITTLE)) {
    return [
      `AN EPSILON ABOVE ${MEANS_LITTLE} MEANS LITTLE: it hardly limits what the model may tell of a patient.`,
    ];
  }
  return [
    `in words     whoever sees all updates thinks it at most e^${epsilonWords(epsilon)} = ${Math.exp(epsilon).toFixed(1)} times as likely as before that a patient was here, but for a chance of delta`,
  ];
}

/** The claim for programs. */
export function claimData(plan: NoisePlan, terms: ClaimTerms) {
  return {
    ...CLAIM_TERMS,
    ...terms,
    ...plan,
    epsilonBand: epsilonBand(plan.epsilonTotal),
    meansLittle: !(plan.epsilonTotal <= MEANS_LITTLE),
  };
}
