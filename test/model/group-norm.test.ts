import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '../../shared/compute/tf.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { groupNorm, groupsOf } from '../../shared/model/encoders/group-norm.ts';

const SHAPE: [number, number, number, number] = [3, 4, 5, 8];

beforeAll(async () => {
  await chooseBackend({ prefer: 'cpu' });
});

describe('groupNorm', () => {
  it.each([
    { activation: undefined, slope: 'without an activation' },
    { activation: 'relu' as const, slope: 'with ReLU' },
  ])('equals the same in tensor operations, value and gradients, $slope', ({ activation }) => {
    tf.tidy(() => {
      const [x, scale, offset, weight] = [
        drawn('x', SHAPE),
        drawn('scale', [8]),
        drawn('offset', [8]),
        drawn('weight', SHAPE),
      ] as [Tensor4D, Tensor1D, Tensor1D, Tensor4D];
      const options = activation === undefined ? {} : { activation };
      const ours = (a: Tensor, b: Tensor, c: Tensor) =>
        tf.sum(tf.mul(groupNorm(a as Tensor4D, b, c, options), weight));
      const slow = (a: Tensor, b: Tensor, c: Tensor) => {
        const normal = slowGroupNorm(a as Tensor4D, b, c);
        return tf.sum(tf.mul(activation === 'relu' ? tf.relu(normal) : normal, weight));
      };
      const [fast, plain] = [tf.valueAndGrads(ours), tf.valueAndGrads(slow)].map((run) =>
        run([x, scale, offset]),
      ) as [ReturnType<ReturnType<typeof tf.valueAndGrads>>, ReturnType<ReturnType<typeof tf.valueAndGrads>>];
      expectClose(fast.value, plain.value);
      fast.grads.forEach((gradient, i) => {
        expect(gradient.shape).toEqual((plain.grads[i] as Tensor).shape);
        expectClose(gradient, plain.grads[i] as Tensor);
      });
    });
  });

  it('gives each patient and group mean 0 and variance 1, whatever the other patients are', () => {
    tf.tidy(() => {
      const x = drawn('x', SHAPE) as Tensor4D;
      const [ones, zeros] = [tf.ones([8]), tf.zeros([8])];
      const all = groupNorm(x, ones, zeros);
      const { mean, variance } = tf.moments(tf.reshape(all, [3, 20, 2, 4]), [1, 3]);
      for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 5);
      for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 3);
      const alone = groupNorm(tf.slice(x, [1, 0, 0, 0], [1, 4, 5, 8]), ones, zeros);
      expectClose(alone, tf.slice(all, [1, 0, 0, 0], [1, 4, 5, 8]));
    });
  });

  it('leaves no tensor behind', () => {
    const [x, scale, offset] = [drawn('x', SHAPE) as Tensor4D, drawn('scale', [8]), drawn('offset', [8])];
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      tf.valueAndGrads((a: Tensor, b: Tensor, c: Tensor) => tf.sum(groupNorm(a as Tensor4D, b, c)))([
        x,
        scale,
        offset,
      ]);
    });
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, scale, offset]);
  });
});

function slowGroupNorm(x: Tensor4D, scale: Tensor, offset: Tensor): Tensor {
  const [patients, height, width, channels] = x.shape;
  const groups = groupsOf(channels);
  const grouped = tf.reshape(x, [patients, height * width, groups, channels / groups]);
  const { mean, variance } = tf.moments(grouped, [1, 3], true);
  const normal = tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 1e-5)));
  return tf.add(tf.mul(tf.reshape(normal, x.shape), scale), offset);
}

function drawn(name: string, shape: number[]): Tensor {
  const random = seededRandom('group-norm', name);
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

function expectClose(found: Tensor, expected: Tensor): void {
  const wanted = expected.dataSync();
  found.dataSync().forEach((value, i) => {
    expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(2e-5 * (1 + Math.abs(wanted[i] as number)));
  });
}
