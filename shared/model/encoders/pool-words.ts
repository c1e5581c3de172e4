import { type Tensor, type Tensor2D, type Tensor3D, tf } from '../../compute/tf.ts';
import type { LayerWatch } from '../layer-watch.ts';

/**
 * A note as the sum of its words by attention: [p, tokens, width] → [p, width]. Given. The weights are
 * softmax(words · query) over the words whose mask is 1; a query of 0 gives their mean. A note without any such word
 * gives 0. Plain loops with a hand-written gradient, as `groupNorm`.
 * @param query [width]. @param mask [p, tokens] of 0 and 1.
 */
export function poolWords(
  words: Tensor3D,
  query: Tensor,
  mask: Uint8Array,
  watch?: LayerWatch<Tensor>,
): Tensor2D {
  const [patients, tokens, width] = words.shape;
  const layout: Layout = { patients, tokens, width, mask };
  const run = tf.customGrad<Tensor2D>((...args) => {
    const [wordsIn, queryIn, save] = args as [Tensor, Tensor, (tensors: Tensor[]) => void];
    const values = wordsIn.dataSync() as Float32Array;
    const direction = queryIn.dataSync() as Float32Array;
    const shares = sharesOf(values, direction, layout);
    save([]);
    return {
      value: tf.tensor2d(sums(values, shares, layout), [patients, width]),
      gradFunc: (dy: Tensor) => {
        const context = { values, direction, shares, layout };
        const { dWords, dScores, dQuery } = backward(dy.dataSync() as Float32Array, context);
        watch?.tell([
          {
            kind: 'product',
            parameter: query,
            inputs: tf.tensor2d(values, [patients * tokens, width]),
            slopes: tf.tensor2d(dScores, [patients * tokens, 1]),
          },
        ]);
        return [tf.tensor(dWords, words.shape), tf.tensor(dQuery, query.shape)];
      },
    };
  });
  return run(words, query);
}

interface Layout {
  readonly patients: number;
  readonly tokens: number;
  readonly width: number;
  readonly mask: Uint8Array;
}

/** [p, tokens]: each word's share of its note; 0 where masked. */
function sharesOf(
  words: Float32Array,
  query: Float32Array,
  { patients, tokens, width, mask }: Layout,
): Float64Array {
  const shares = new Float64Array(patients * tokens);
  for (let first = 0; first < shares.length; first += tokens) {
    softmax(shares.subarray(first, first + tokens), mask.subarray(first, first + tokens), (token) =>
      dot(words, (first + token) * width, query),
    );
  }
  return shares;
}

/** [p, width]. */
function sums(words: Float32Array, shares: Float64Array, { patients, tokens, width }: Layout): Float32Array {
  const pooled = new Float32Array(patients * width);
  const sum = new Float64Array(width);
  for (let patient = 0; patient < patients; patient++) {
    sum.fill(0);
    for (let word = patient * tokens; word < (patient + 1) * tokens; word++) {
      const share = shares[word] as number;
      if (share === 0) continue;
      for (let i = 0; i < width; i++)
        sum[i] = (sum[i] as number) + share * (words[word * width + i] as number);
    }
    pooled.set(sum, patient * width);
  }
  return pooled;
}

/** Fills `shares` in place; the largest score is subtracted, so that no exponential overflows. */
function softmax(shares: Float64Array, mask: Uint8Array, score: (index: number) => number): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < shares.length; i++) {
    if (mask[i] === 0) continue;
    shares[i] = score(i);
    most = Math.max(most, shares[i] as number);
  }
  let sum = 0;
  for (let i = 0; i < shares.length; i++) {
    if (mask[i] === 0) continue;
    shares[i] = Math.exp((shares[i] as number) - most);
    sum += shares[i] as number;
  }
  if (sum > 0) for (let i = 0; i < shares.length; i++) shares[i] = (shares[i] as number) / sum;
}

/** With a the shares, g the slope in their sum and d_t = g · word_t: ds_t = a_t · (d_t − Σ a d), dq = Σ ds_t · word_t. */
function backward(
  dy: Float32Array,
  context: {
    readonly values: Float32Array;
    readonly direction: Float32Array;
    readonly shares: Float64Array;
    readonly layout: Layout;
  },
): { dWords: Float32Array; dScores: Float32Array; dQuery: Float32Array } {
  const { values, direction, shares, layout } = context;
  const { patients, tokens, width } = layout;
  const dWords = new Float32Array(values.length);
  const dScores = new Float32Array(patients * tokens);
  const dQuery = new Float64Array(width);
  for (let patient = 0; patient < patients; patient++) {
    const slope = dy.subarray(patient * width, (patient + 1) * width);
    const alignments = new Float64Array(tokens);
    let mean = 0;
    for (let token = 0; token < tokens; token++) {
      const word = patient * tokens + token;
      if (shares[word] === 0) continue;
      alignments[token] = dot(values, word * width, slope);
      mean += (shares[word] as number) * (alignments[token] as number);
    }
    for (let token = 0; token < tokens; token++) {
      const word = patient * tokens + token;
      const share = shares[word] as number;
      if (share === 0) continue;
      const dScore = share * ((alignments[token] as number) - mean);
      dScores[word] = dScore;
      for (let i = 0; i < width; i++) {
        const at = word * width + i;
        dWords[at] = share * (slope[i] as number) + dScore * (direction[i] as number);
        dQuery[i] = (dQuery[i] as number) + dScore * (values[at] as number);
      }
    }
  }
  return { dWords, dScores, dQuery: Float32Array.from(dQuery) };
}

function dot(values: Float32Array, from: number, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < other.length; i++) sum += (values[from + i] as number) * (other[i] as number);
  return sum;
}
