import { encoderBlock } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { keyedDraws } from '../../shared/crypto/keyed-draws.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { Study } from '../../shared/study/study.ts';
import { auditPicture, psnr } from './audit-picture.ts';
import type { InversionAttack, InversionReport, Picture } from './audit-report.ts';
import { closedFormGuesses } from './closed-form.ts';
import { matchGradient } from './gradient-matching.ts';
import { imageGradients } from './image-gradients.ts';
import {
  convolutionEncoder,
  denseEncoder,
  type LabelledPicture,
  type PatientNoise,
  PICTURE,
  pictureStudy,
  seenUpdate,
  startOf,
} from './picture-update.ts';

/** From here on people recognize a picture. */
const RECOGNIZED_DB = 20;
/** Written where the error is below float32, or none. */
const MOST_DB = 99;
/** Of the pictures that a dense layer reads, and its units. */
const SIDE = 28;
const UNITS = 32;
/** Of the pictures that convolutions read, and their filters: what a search without a second derivative finds in seconds. */
const SMALL_SIDE = 8;
const FILTERS = [16, 32];
const VARIATION = 0.01;
const SITES = 5;
const MANY = 16;
const SHOWN = 4;

export interface InversionOptions {
  /** Pictures that are searched for by descent, in each situation. */
  readonly searched: number;
  /** Of each search, and searches of each picture. */
  readonly steps: number;
  readonly restarts: number;
  readonly signal?: AbortSignal;
}

/** Who trained on what, and what of it is seen. */
interface Situation {
  readonly id: string;
  readonly title: string;
  readonly protection: 'none' | 'sum' | 'noise';
  /** Pictures of each site. */
  readonly sites: readonly number[];
  readonly noise?: { readonly clip: number; readonly multiplier: number };
}

const ONE_CLIP = { clip: 1, multiplier: 1 };
const SITUATIONS: readonly Situation[] = [
  { id: 'alone', title: 'one picture at one site, no protection', protection: 'none', sites: [1] },
  {
    id: 'sum',
    title: `masked sum of ${SITES} sites, one picture each`,
    protection: 'sum',
    sites: Array(SITES).fill(1),
  },
  {
    id: 'sum-of-many',
    title: `masked sum of ${SITES} sites, ${MANY} pictures each`,
    protection: 'sum',
    sites: Array(SITES).fill(MANY),
  },
  {
    id: 'noise',
    title: 'one picture at one site, noise of one clip norm',
    protection: 'noise',
    sites: [1],
    noise: ONE_CLIP,
  },
];

/**
 * Tries to draw patients' pictures from updates: generated pictures, updates made by the training, the release and the
 * sums of production. By a closed form where the encoder reads pixels through a dense layer, by descent (gradient
 * matching) where it is the image encoder of every study.
 * @param audited names the seed, and how it is protected.
 */
export async function inversionReport(audited: Study, options: InversionOptions): Promise<InversionReport> {
  const protection =
    audited.privacy.record !== undefined ? 'noise' : audited.privacy.secureAggregation ? 'sum' : 'none';
  const attacks: InversionAttack[] = [];
  const guesses: number[] = [];
  for (const situation of SITUATIONS) {
    options.signal?.throwIfAborted();
    const study = pictureStudy(audited, denseEncoder(UNITS, SIDE));
    const found: Found[] = [];
    // One site at a time gives one picture, a sum as many as are in it.
    for (let i = 0; i < (situation.sites.length === 1 ? 8 : 2); i++) {
      const { pictures, update } = await played(study, situation, { run: i, side: SIDE });
      const { kernel, bias } = firstLayer(study, update);
      const made = closedFormGuesses(kernel, bias, SIDE * SIDE);
      const first = made[0];
      const blurs = first === undefined ? [] : [1, 2, 4].map((radius) => blurred(first, radius));
      found.push(...bestOf(pictures.flat(), [...made, ...blurs]));
      for (const { pixels } of pictures.flat()) guesses.push(psnr(new Float32Array(pixels.length), pixels));
    }
    attacks.push(attackOf(situation, { encoder: 'dense', found, protection }));
  }
  for (const situation of SITUATIONS.filter(({ id }) => id !== 'sum-of-many')) {
    const study = pictureStudy(audited, convolutionEncoder(FILTERS, SMALL_SIDE));
    const gradients = imageGradients(study);
    const found: Found[] = [];
    for (let i = 0; i < options.searched; i++) {
      options.signal?.throwIfAborted();
      const { pictures, update } = await played(study, situation, { run: i, side: SMALL_SIDE });
      const start = startOf(study);
      const seen = Float64Array.from([...start.keys()].flatMap((id) => [...(update.get(id) ?? [])]));
      const random = seededRandom(audited.seed, 'matching', situation.id, i);
      const label = pictures[0]?.[0]?.label ?? 0;
      const target = { blocks: start, seen, label };
      const { steps, restarts } = options;
      const search = { width: SMALL_SIDE, steps, restarts, variation: VARIATION, random };
      const guess = matchGradient(gradients, target, search);
      found.push(...bestOf(pictures.flat(), [guess]).slice(0, 1));
    }
    attacks.push(attackOf(situation, { encoder: 'convolutions', found, protection }));
  }
  const blindGuess = guesses.reduce((sum, each) => sum + each, 0) / guesses.length;
  return {
    recognizedFrom: RECOGNIZED_DB,
    blindGuess,
    attacks: attacks.map((each) => withControl(each, attacks)),
  };
}

/** An attack that fails where nothing protects says nothing of a protection. */
function withControl(attack: InversionAttack, all: readonly InversionAttack[]): InversionAttack {
  const control = all.find(({ id }) => id === 'convolutions-alone');
  if (!attack.id.startsWith('convolutions') || control === undefined) return attack;
  if (control.psnr.some((each) => each >= RECOGNIZED_DB)) return attack;
  const meaning =
    attack === control
      ? `${attack.meaning} Here it found nothing.`
      : `${attack.meaning} It says nothing of that protection: the search fails without it too.`;
  return { ...attack, meaning };
}

async function played(
  study: Study,
  situation: Situation,
  { run, side }: { readonly run: number; readonly side: number },
) {
  const random = seededRandom(study.seed, 'inversion', situation.id, run);
  const pictures = situation.sites.map((count) =>
    Array.from(
      { length: count },
      (): LabelledPicture => ({
        pixels: auditPicture(random, side),
        label: random.below(2),
      }),
    ),
  );
  const key = Buffer.from(sha256(`audit noise|${study.seed}|${situation.id}|${run}`), 'hex');
  const noise: PatientNoise | undefined = situation.noise && { ...situation.noise, draws: keyedDraws(key) };
  return { pictures, update: await seenUpdate(study, pictures, noise) };
}

/** Gradients of the dense layer that reads the pixels. */
function firstLayer(study: Study, update: Awaited<ReturnType<typeof seenUpdate>>) {
  const block = encoderBlock(PICTURE);
  const [kernel, bias] = studyLayouts(study).get(block)?.tensors ?? [];
  const values = update.get(block) ?? new Float64Array(0);
  const part = (spec: typeof kernel) =>
    spec === undefined ? values.subarray(0, 0) : values.subarray(spec.offset, spec.offset + spec.size);
  return { kernel: part(kernel), bias: part(bias) };
}

interface Found {
  readonly truth: Float32Array;
  readonly guess: Float64Array;
  readonly psnr: number;
}

/** For each picture the guess that is nearest to it, which an attacker would have to know: an error on the safe side. */
function bestOf(pictures: readonly LabelledPicture[], guesses: readonly ArrayLike<number>[]): Found[] {
  const bounded = guesses.map((guess) =>
    Float64Array.from(guess, (value) => Math.min(1, Math.max(-1, value))),
  );
  const grey = new Float64Array(pictures[0]?.pixels.length ?? 0);
  return pictures
    .map(({ pixels }) => {
      const judged = (guess: Float64Array) => Math.min(MOST_DB, psnr(guess, pixels));
      const guess = bounded.reduce(
        (best, each) => (judged(each) > judged(best) ? each : best),
        bounded[0] ?? grey,
      );
      return { truth: pixels, guess, psnr: judged(guess) };
    })
    .sort((a, b) => b.psnr - a.psnr);
}

function attackOf(
  { id, title, protection }: Situation,
  made: {
    readonly encoder: 'dense' | 'convolutions';
    readonly found: readonly Found[];
    readonly protection: Situation['protection'];
  },
): InversionAttack {
  const { encoder, found } = made;
  const way = encoder === 'dense' ? 'closed form' : 'gradient matching';
  return {
    id: `${encoder}-${id}`,
    title: `${way}: ${title}`,
    encoder:
      encoder === 'dense'
        ? `dense, ${UNITS} units; pictures of ${SIDE} × ${SIDE}`
        : `residual convolutions, ${FILTERS.join(', ')} filters, as the image encoder of every study; pictures of ${SMALL_SIDE} × ${SMALL_SIDE}`,
    isStudy: protection === made.protection,
    psnr: found.map((each) => each.psnr),
    pairs: found
      .slice(0, SHOWN)
      .map(({ truth, guess }) => ({ truth: picture(truth), found: picture(guess) })),
    meaning: MEANINGS[`${encoder}-${id}`] ?? '',
  };
}

const MEANINGS: Readonly<Record<string, string>> = {
  'dense-alone':
    'Control. An encoder whose first layer is dense gives a single patient away exactly, by a division; no search is needed.',
  'dense-sum':
    'A sum of few patients is not enough: a unit of the layer that answers to one patient alone gives that patient away, whoever adds up.',
  'dense-sum-of-many':
    'With many patients in the sum each unit mixes many of them. That is how much is mixed, not a guarantee: it changes with the data and the weights.',
  'dense-noise': 'What noise of record mode leaves of the same exact attack.',
  'convolutions-alone':
    'Control. The picture is found by descent, from nothing but an update of one step on it. Larger pictures take more steps or a better attack: that this one finds less of them is no protection.',
  'convolutions-sum':
    'The same search on a masked sum: the gradients of five pictures at once fit none of them.',
  'convolutions-noise': 'The same search under the noise of record mode.',
};

/** In 0 to 1, two decimals: the report is read by people. */
function picture(pixels: ArrayLike<number>): Picture {
  return {
    width: Math.sqrt(pixels.length),
    pixels: Array.from(pixels, (value) => Math.round((value + 1) * 50) / 100),
  };
}

/** The mean over a square of 2 · radius + 1 pixels: what is left of noise, and of a picture. */
function blurred(pixels: Float64Array, radius: number): Float64Array {
  return pixels.map((_, i) => {
    const [y, x] = [Math.floor(i / SIDE), i % SIDE];
    let [sum, count] = [0, 0];
    for (let v = Math.max(0, y - radius); v <= Math.min(SIDE - 1, y + radius); v++) {
      for (let u = Math.max(0, x - radius); u <= Math.min(SIDE - 1, x + radius); u++) {
        sum += pixels[v * SIDE + u] as number;
        count++;
      }
    }
    return sum / count;
  });
}
