import { expect } from 'vitest';
import { type Tensor, tf } from '../../shared/compute/tf.ts';
import { seededRandom } from '../../shared/core/random.ts';

/** Standard normal values; the same name and shape give the same. The caller's. */
export function drawn(name: string, shape: number[]): Tensor {
  const random = seededRandom('drawn', name);
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

/**
 * Holds value and gradients of `fast` against those of `slow`, a twin in tensor operations, under random weights of
 * the outputs: the largest difference is at most 1e-5 of the largest entry.
 */
export function expectSameGradients(
  fast: (...tensors: Tensor[]) => Tensor,
  slow: (...tensors: Tensor[]) => Tensor,
  tensors: readonly Tensor[],
): void {
  tf.tidy(() => {
    const weights = drawn('weights', fast(...tensors).shape);
    expectClose(fast(...tensors), slow(...tensors), 'value');
    const gradients = [fast, slow].map((run) =>
      tf.grads((...own: Tensor[]) => tf.sum(tf.mul(run(...own), weights)))([...tensors]),
    ) as [Tensor[], Tensor[]];
    tensors.forEach((_, i) => {
      expectClose(gradients[0][i] as Tensor, gradients[1][i] as Tensor, `gradient ${i}`);
    });
  });
}

function expectClose(found: Tensor, expected: Tensor, what: string): void {
  expect(found.shape, what).toEqual(expected.shape);
  const wanted = expected.dataSync() as Float32Array;
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest, `${what} of the twin`).toBeGreaterThan(0);
  const values = found.dataSync() as Float32Array;
  const off = values.reduce((most, value, i) => Math.max(most, Math.abs(value - (wanted[i] as number))), 0);
  expect(off / largest, what).toBeLessThan(1e-5);
}
