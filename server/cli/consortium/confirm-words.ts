import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { SecureRandom } from '../../../shared/crypto/random.ts';
import { normalWords, sameWords } from '../../../shared/identity/fingerprint.ts';
import type { OfficerTools } from './officer-tools.ts';

/**
 * Lets nothing go on until somebody has compared the eight words that arrived with those that the other side reads
 * out: on a terminal, two of them are typed; without one, all eight are given.
 * @throws ConsiliumError `WORDS_MISMATCH`; `BAD_ARGUMENT` without words and without a terminal.
 */
export async function confirmWords(
  arrived: string,
  options: { readonly given: string | undefined; readonly whose: string },
  tools: Pick<OfficerTools, 'ask' | 'random'>,
): Promise<void> {
  const { given, whose } = options;
  if (given !== undefined) {
    if (!sameWords(arrived, given)) throw mismatch(whose, arrived);
    return;
  }
  if (tools.ask === undefined) {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `words of ${whose}: expected them with --words, got no terminal to ask on`,
      {
        hint: 'Ring the engineer on a number that you knew before, and give the eight words that are read out.',
      },
    );
  }
  const words = arrived.split('-');
  const [first, second] = twoOf(words.length, tools.random);
  const answer = await tools.ask(
    `the words of ${whose} that arrived: ${words.join(' ')}\nring the engineer on a number that you knew before, and type words ${first + 1} and ${second + 1} as they are read out: `,
  );
  const expected = `${words[first]}-${words[second]}`;
  if (normalWords(answer) !== expected) throw mismatch(whose, arrived);
}

/** Two different places, the lower first. */
function twoOf(length: number, random: SecureRandom): readonly [number, number] {
  const [a, b] = [...random.bytes(2)] as [number, number];
  const first = a % length;
  const second = (first + 1 + (b % (length - 1))) % length;
  return first < second ? [first, second] : [second, first];
}

function mismatch(whose: string, arrived: string): ConsiliumError {
  return new ConsiliumError(
    'WORDS_MISMATCH',
    `words of ${whose}: expected ${arrived}, as they arrived, got others; nothing was signed`,
  );
}
