import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { type Tensor, type Tensor3D, tf } from '../../shared/compute/tf.ts';
import { poolWords } from '../../shared/model/encoders/pool-words.ts';
import { drawn, expectSameGradients } from './gradient-check.ts';

const [PATIENTS, TOKENS, WIDTH] = [3, 4, 5];
/** A full note, one of two words, and one without any. */
const MASK = Uint8Array.from([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);

beforeAll(() => chooseBackend({ prefer: 'cpu' }));

const fast = (words: Tensor, query: Tensor) => poolWords(words as Tensor3D, query, MASK);

/** The same in tensor operations. */
function slow(words: Tensor, query: Tensor): Tensor {
  const mask = tf.tensor2d(Float32Array.from(MASK), [PATIENTS, TOKENS]);
  const hidden = tf.mul(tf.sub(mask, 1), 1e30); // 0 for a word, −1e30 for padding
  const scores = tf.reshape(tf.matMul(tf.reshape(words, [-1, WIDTH]), tf.reshape(query, [WIDTH, 1])), [
    PATIENTS,
    TOKENS,
  ]);
  const shares = tf.reshape(tf.mul(tf.softmax(tf.add(scores, hidden)), mask), [PATIENTS, TOKENS, 1]);
  return tf.sum(tf.mul(words, shares), 1);
}

describe('poolWords', () => {
  it('equals the same in tensor operations, value and gradients', () => {
    const tensors = [drawn('words', [PATIENTS, TOKENS, WIDTH]), drawn('query', [WIDTH])];
    expectSameGradients(fast, slow, tensors);
    tf.dispose(tensors);
  });

  it('is the mean of the real words while the query is 0', () => {
    tf.tidy(() => {
      const words = tf.tensor3d([
        [
          [1, -5],
          [3, -1],
          [99, 99],
        ],
      ]);
      const pooled = poolWords(words, tf.zeros([2]), Uint8Array.of(1, 1, 0));
      // (1 + 3) / 2, (−5 − 1) / 2.
      expect([...pooled.dataSync()]).toEqual([2, -3]);
    });
  });

  it('gives a note without a word 0, with gradients of 0', () => {
    tf.tidy(() => {
      const words = drawn('words', [1, 2, 3]) as Tensor3D;
      const query = drawn('query', [3]);
      const run = (a: Tensor, b: Tensor) => tf.sum(poolWords(a as Tensor3D, b, Uint8Array.of(0, 0)));
      const { value, grads } = tf.valueAndGrads(run)([words, query]);
      expect(value.dataSync()[0]).toBe(0);
      for (const gradient of grads) expect([...gradient.dataSync()].every((entry) => entry === 0)).toBe(true);
    });
  });

  it('stays finite for scores that no exponential holds, and takes the word with the largest', () => {
    tf.tidy(() => {
      const words = tf.tensor3d([
        [
          [1e3, 7],
          [-1e3, 9],
        ],
      ]);
      const pooled = poolWords(words, tf.tensor1d([1e3, 0]), Uint8Array.of(1, 1));
      expect([...pooled.dataSync()]).toEqual([1e3, 7]);
    });
  });

  it('leaves no tensor behind', () => {
    const tensors = [drawn('words', [PATIENTS, TOKENS, WIDTH]), drawn('query', [WIDTH])];
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      tf.grads((words: Tensor, query: Tensor) => tf.sum(fast(words, query)))(tensors);
    });
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(tensors);
  });
});
