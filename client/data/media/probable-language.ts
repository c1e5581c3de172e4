/** Scripts that tell a language or a few of them; others are looked at word by word. */
const SCRIPTS: readonly (readonly [name: string, letters: RegExp])[] = [
  ['Japanese', /[\p{sc=Hira}\p{sc=Kana}]/gu],
  ['Chinese', /\p{sc=Han}/gu],
  ['Korean', /\p{sc=Hang}/gu],
  ['Cyrillic script', /\p{sc=Cyrl}/gu],
  ['Greek', /\p{sc=Grek}/gu],
  ['Arabic script', /\p{sc=Arab}/gu],
  ['Hebrew', /\p{sc=Hebr}/gu],
  ['Devanagari script', /\p{sc=Deva}/gu],
  ['Thai', /\p{sc=Thai}/gu],
];

/** Common words that a language has and most of the others here have not. */
const WORDS: Readonly<Record<string, string>> = {
  English: 'the and of with was is for has are were been this that from without which',
  German: 'der die und das ist mit nicht ein eine bei keine wird wurde von auf ohne',
  French: 'le les des et est une dans pour avec sans pas du au sur patient été',
  Spanish: 'el los las del y una por con para se sin es como más fue',
  Portuguese: 'o os das dos e uma não com para foi sem em ao no na',
  Italian: 'il gli della di e una che non con per si sono nel alla senza',
  Dutch: 'de het een en van met niet geen bij wordt voor op zonder zijn',
  Swedish: 'och att det som en på är med inte för av utan den har',
};

const LANGUAGES = new Map(Object.entries(WORDS).map(([name, words]) => [name, new Set(words.split(' '))]));

/** Looked at; the rest of a note is hardly in another language. */
const MOST_CHARACTERS = 4000;
/** Different common words of one language that a note must have, so that names and terms alone tell nothing. */
const FEWEST_WORDS = 3;

/**
 * A guess at the language of a note, by script and common words: good enough to see that a site writes in another
 * language than expected, and no more. `unknown` for what is short, or has few common words, as findings in keywords.
 */
export function probableLanguage(text: string): string {
  const start = text.slice(0, MOST_CHARACTERS).toLowerCase();
  const letters = count(start, /\p{L}/gu);
  if (letters === 0) return 'unknown';
  for (const [name, pattern] of SCRIPTS) {
    // Japanese is written with Chinese characters for the most part.
    if (count(start, pattern) > (name === 'Japanese' ? 0.1 : 0.5) * letters) return name;
  }
  const words = new Set(start.match(/\p{L}+/gu) ?? []);
  const found = [...LANGUAGES]
    .map(([name, common]) => ({ name, hits: [...words].filter((word) => common.has(word)).length }))
    .sort((a, b) => b.hits - a.hits);
  const [best, second] = found;
  const isClear = best !== undefined && best.hits >= FEWEST_WORDS && best.hits > (second?.hits ?? 0);
  return isClear ? best.name : 'unknown';
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
