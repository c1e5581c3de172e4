import type { SeededRandom } from '../../shared/core/random.ts';

/** From none to bad. */
type Ladder = readonly [string, string, string, string];

const COMPLAINTS: readonly Ladder[] = [
  ['Denies dyspnea.', 'Slight dyspnea on stairs.', 'Dyspnea on level ground.', 'Severe dyspnea at rest.'],
  ['No edema.', 'Trace ankle edema.', 'Pitting edema of both shins.', 'Marked edema to the knees.'],
  ['Sleeps well.', 'Wakes once at night.', 'Sleeps on two pillows.', 'Sleeps upright in a chair.'],
  ['Walks for miles.', 'Walks half a mile.', 'Walks one block.', 'Walks only indoors.'],
];

const ASIDES: readonly string[] = [
  'Lives with family.',
  'Retired teacher.',
  'Allergic to penicillin.',
  'Takes aspirin.',
  'Seen with her son.',
  'Travelled last month.',
  'Former smoker.',
  'Drinks tea.',
];

/**
 * A few sentences in an order of their own: four about complaints, worse the higher `seen`, and one about something
 * else. At most 40 subwords (`shared/model/text-tokens.ts`).
 */
export function writeNote(random: SeededRandom, seen: number): string {
  const sentences = COMPLAINTS.map((ladder) => {
    const step = Math.round(1 + 0.55 * seen + 0.35 * random.normal());
    return ladder[Math.min(3, Math.max(0, step)) as 0 | 1 | 2 | 3];
  });
  sentences.push(ASIDES[random.below(ASIDES.length)] as string);
  return Array.from(random.permutation(sentences.length), (i) => sentences[i]).join(' ');
}
