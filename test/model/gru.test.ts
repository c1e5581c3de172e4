import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { type Tensor, type Tensor3D, tf } from '../../shared/compute/tf.ts';
import { gruStates } from '../../shared/model/encoders/gru.ts';
import { takeFrom } from '../../shared/model/layers.ts';
import { slowGruStates } from '../reference/slow-gru.ts';
import { drawn, expectSameGradients } from './gradient-check.ts';

const [PATIENTS, STEPS, WIDTH] = [3, 7, 5];
/** A full note, one that ends early with a hole in it, and an empty one. */
const MASK = Uint8Array.from([1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

beforeAll(() => chooseBackend({ prefer: 'cpu' }));

function inputs(): Tensor[] {
  return [
    drawn('x', [PATIENTS, STEPS, WIDTH]),
    drawn('input kernel', [WIDTH, 3 * WIDTH]),
    drawn('input bias', [3 * WIDTH]),
    drawn('state kernel', [WIDTH, 3 * WIDTH]),
    drawn('state bias', [3 * WIDTH]),
  ];
}

const fast =
  (mask?: Uint8Array) =>
  (x: Tensor, ...parameters: Tensor[]) =>
    gruStates(x as Tensor3D, takeFrom(parameters), mask);
const slow =
  (mask?: Uint8Array) =>
  (x: Tensor, ...parameters: Tensor[]) =>
    slowGruStates(x as Tensor3D, parameters, mask);

describe('gruStates', () => {
  it('equals the same in tensor operations, value and gradients', () => {
    const tensors = inputs();
    expectSameGradients(fast(), slow(), tensors);
    tf.dispose(tensors);
  });

  it('equals it with steps that are masked', () => {
    const tensors = inputs();
    expectSameGradients(fast(MASK), slow(MASK), tensors);
    tf.dispose(tensors);
  });

  it('keeps its state over a masked step, and starts every patient from 0', () => {
    tf.tidy(() => {
      const [x, ...parameters] = inputs() as [Tensor, ...Tensor[]];
      const states = fast(MASK)(x, ...parameters).arraySync();
      expect(states[1]?.[1]).toEqual(states[1]?.[0]);
      expect(states[1]?.[6]).toEqual(states[1]?.[3]);
      expect(states[2]?.flat().every((value) => value === 0)).toBe(true);
      const alone = fast(MASK.slice(STEPS, 2 * STEPS))(
        tf.slice(x, [1, 0, 0], [1, STEPS, WIDTH]),
        ...parameters,
      );
      expect(alone.arraySync()[0]).toEqual(states[1]);
    });
  });

  it('does not overflow where the gates are saturated', () => {
    tf.tidy(() => {
      const [x, ...parameters] = inputs() as [Tensor, ...Tensor[]];
      for (const value of fast()(tf.mul(x, 1e4), ...parameters).dataSync()) {
        expect(Math.abs(value)).toBeLessThanOrEqual(1);
      }
    });
  });

  it('leaves no tensor behind', () => {
    const tensors = inputs();
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      tf.grads((...own: Tensor[]) => tf.sum(fast(MASK)(...(own as [Tensor]))))(tensors);
    });
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(tensors);
  });
});
