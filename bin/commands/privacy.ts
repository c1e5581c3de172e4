import { type Command, Option } from 'commander';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Noise } from '../../shared/privacy/noise-plan.ts';
import { numberAboveZero, wholeNumber } from '../arguments.ts';
import type { Runner } from '../runner.ts';

interface CalibrateFlags {
  readonly patients: number;
  readonly batch: number;
  readonly epochs: number;
  readonly rounds: number;
  readonly epsilon?: number;
  readonly multiplier?: number;
  readonly delta?: number;
}

export function addPrivacy(program: Command, run: Runner): void {
  const privacy = program
    .command('privacy')
    .description('what noise costs and buys, before anything is trained');
  privacy.addHelpText(
    'after',
    '\nExample:\n  consilium privacy calibrate --patients 2000 --batch 64 --epochs 1 --rounds 20 --epsilon 3',
  );
  privacy
    .command('calibrate')
    .description("noise for an epsilon, or the epsilon of a noise, at one site's number of patients")
    .requiredOption('--patients <number>', 'training patients of the site', wholeNumber(1))
    .requiredOption('--batch <number>', 'patients that a step expects', wholeNumber(1))
    .requiredOption('--epochs <number>', 'local epochs of a round', wholeNumber(1))
    .requiredOption('--rounds <number>', 'rounds of the study', wholeNumber(1))
    .addOption(
      new Option('--epsilon <epsilon>', 'find the noise for this budget of the whole study')
        .argParser(numberAboveZero)
        .conflicts('multiplier'),
    )
    .option('--multiplier <multiplier>', 'noise in clip norms: find its epsilon', numberAboveZero)
    .option('--delta <delta>', 'at most 1 / patients (default: by the number of patients)', numberAboveZero)
    .addHelpText(
      'after',
      '\nExamples:\n  consilium privacy calibrate --patients 2000 --batch 64 --epochs 1 --rounds 20 --epsilon 3\n  consilium privacy calibrate --patients 500 --batch 64 --epochs 1 --rounds 20 --multiplier 2 --format json',
    )
    .action((flags: CalibrateFlags, command: Command) =>
      run(command, async (io) => {
        const { epsilon, multiplier, delta, ...terms } = flags;
        const noise = noiseOf(epsilon, multiplier);
        const { runPrivacyCalibrate } = await import('../../client/cli/privacy-calibrate.ts');
        return runPrivacyCalibrate({ ...terms, noise, delta }, io);
      }),
    );
}

function noiseOf(epsilon: number | undefined, multiplier: number | undefined): Noise {
  if (epsilon !== undefined) return { kind: 'epsilon', epsilon };
  if (multiplier !== undefined) return { kind: 'multiplier', multiplier };
  throw new ConsiliumError(
    'BAD_ARGUMENT',
    'privacy calibrate: expected --epsilon or --multiplier, got neither',
    {
      hint: 'With --epsilon it finds the noise, with --multiplier the epsilon.',
    },
  );
}
