import { type Tensor, type Tensor2D, type Tensor3D, tf } from '../../compute/tf.ts';

/**
 * A note as the sum of its words by attention, and beside it their maximum: [p, tokens, width] → [p, 2 · width]. Given.
 * The weights are softmax(words · query) over the words whose mask is 1; a query of 0 gives their mean. A note without
 * any such word gives 0. Plain loops with a hand-written gradient, as `groupNorm`.
 * @param query [width]. @param mask [p, tokens] of 0 and 1.
 */
export function poolWords(words: Tensor3D, query: Tensor, mask: Uint8Array): Tensor2D {
  const [patients, tokens, width] = words.shape;
  const layout: Layout = { patients, tokens, width, mask };
  const run = tf.customGrad<Tensor2D>((...args) => {
    const [wordsIn, queryIn, save] = args as [Tensor, Tensor, (tensors: Tensor[]) => void];
    const values = wordsIn.dataSync() as Float32Array;
    const direction = queryIn.dataSync() as Float32Array;
    const { pooled, shares, largest } = forward(values, direction, layout);
    save([]);
    return {
      value: tf.tensor2d(pooled, [patients, 2 * width]),
      gradFunc: (dy: Tensor) => {
        const context = { values, direction, shares, largest, layout };
        const { dWords, dQuery } = backward(dy.dataSync() as Float32Array, context);
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

interface Pooled {
  readonly pooled: Float32Array;
  /** [p, tokens]: each word's share of its note; 0 where masked. */
  readonly shares: Float64Array;
  /** [p, width]: the word that has the maximum, or -1. */
  readonly largest: Int32Array;
}

function forward(
  words: Float32Array,
  query: Float32Array,
  { patients, tokens, width, mask }: Layout,
): Pooled {
  const pooled = new Float32Array(patients * 2 * width);
  const shares = new Float64Array(patients * tokens);
  const largest = new Int32Array(patients * width).fill(-1);
  for (let patient = 0; patient < patients; patient++) {
    const own = shares.subarray(patient * tokens, (patient + 1) * tokens);
    softmax(own, mask.subarray(patient * tokens, (patient + 1) * tokens), (token) =>
      dot(words, (patient * tokens + token) * width, query),
    );
    for (let i = 0; i < width; i++) {
      let sum = 0;
      let most = -1;
      for (let token = 0; token < tokens; token++) {
        const word = patient * tokens + token;
        if (mask[word] === 0) continue;
        const value = words[word * width + i] as number;
        sum += (own[token] as number) * value;
        if (most < 0 || value > (words[most * width + i] as number)) most = word;
      }
      pooled[patient * 2 * width + i] = sum;
      pooled[patient * 2 * width + width + i] = most < 0 ? 0 : (words[most * width + i] as number);
      largest[patient * width + i] = most;
    }
  }
  return { pooled, shares, largest };
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
    readonly largest: Int32Array;
    readonly layout: Layout;
  },
): { dWords: Float32Array; dQuery: Float32Array } {
  const { values, direction, shares, largest, layout } = context;
  const { patients, tokens, width } = layout;
  const dWords = new Float32Array(values.length);
  const dQuery = new Float64Array(width);
  for (let patient = 0; patient < patients; patient++) {
    const slope = dy.subarray(patient * 2 * width, patient * 2 * width + width);
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
      for (let i = 0; i < width; i++) {
        const at = word * width + i;
        dWords[at] = share * (slope[i] as number) + dScore * (direction[i] as number);
        dQuery[i] = (dQuery[i] as number) + dScore * (values[at] as number);
      }
    }
    for (let i = 0; i < width; i++) {
      const most = largest[patient * width + i] as number;
      if (most < 0) continue;
      const at = most * width + i;
      dWords[at] = (dWords[at] as number) + (dy[patient * 2 * width + width + i] as number);
    }
  }
  return { dWords, dQuery: Float32Array.from(dQuery) };
}

function dot(values: Float32Array, from: number, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < other.length; i++) sum += (values[from + i] as number) * (other[i] as number);
  return sum;
}
