import { beforeAll, describe, expect, it } from 'vitest';
import { patientGradients } from '../../../client/training/ghost/patient-gradients.ts';
import { type BackendName, chooseBackend } from '../../../shared/compute/backend.ts';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../../../shared/compute/tf.ts';
import type { ParameterUse } from '../../../shared/model/layer-watch.ts';

/** Four rows of three patients; the second patient has two. */
const POSITIONS = Int32Array.of(0, 1, 1, 2);
const PATIENTS = 3;
const FACTORS = Float64Array.of(0.5, 0, 2);

/** The native one where it is installed. */
const BACKENDS: readonly BackendName[] = await chooseBackend({ prefer: 'native' }).then(
  () => ['wasm', 'cpu', 'native'] as const,
  () => ['wasm', 'cpu'] as const,
);

interface Case {
  readonly use: ParameterUse<Tensor>;
  /** The gradient of one row. */
  ofRow(row: number): Float32Array;
}

/** P positions of [p] → [r]. */
function productCase(count: number, width: number, outputs: number): Case {
  const inputs = tf.randomNormal([4 * count, width], 0, 1, 'float32', 1) as Tensor2D;
  const slopes = tf.randomNormal([4 * count, outputs], 0, 1, 'float32', 2) as Tensor2D;
  const own = (tensor: Tensor2D, row: number) => tf.slice(tensor, [row * count, 0], [count, -1]);
  return {
    use: { kind: 'product', parameter: tf.zeros([width, outputs]), inputs, slopes },
    ofRow: (row) => tf.matMul(own(inputs, row), own(slopes, row), true).dataSync() as Float32Array,
  };
}

function convolutionCase(
  inputs: readonly [number, number, number],
  kernel: readonly [number, number, number, number],
  strides: readonly [number, number],
): Case {
  const [height, width, channels] = inputs;
  const x = tf.randomNormal([4, height, width, channels], 0, 1, 'float32', 3) as Tensor4D;
  const parameter = tf.zeros([...kernel]) as Tensor4D;
  const shape: [number, number, number, number] = [
    4,
    Math.ceil(height / strides[0]),
    Math.ceil(width / strides[1]),
    kernel[3],
  ];
  const slopes = tf.randomNormal(shape, 0, 1, 'float32', 4) as Tensor4D;
  const own = (tensor: Tensor4D, row: number) => tf.slice(tensor, [row, 0, 0, 0], [1, -1, -1, -1]);
  const ofRow = (row: number) => {
    const y = (filter: Tensor) => tf.conv2d(own(x, row), filter as Tensor4D, [...strides], 'same');
    const gradient = tf.grad((filter) => tf.sum(tf.mul(y(filter), own(slopes, row))));
    return gradient(parameter).dataSync() as Float32Array;
  };
  return { use: { kind: 'convolution', parameter, inputs: x, slopes, strides }, ofRow };
}

const CASES: readonly (readonly [string, () => Case])[] = [
  ['a dense layer', () => productCase(1, 3, 2)],
  // 2 P² = 2 · 12² > 5 · 4, P of the patient with two rows.
  ['a product over many positions', () => productCase(6, 5, 4)],
  // 2 · 4² <= 8 · 6: the ghost norm.
  ['a product over few positions', () => productCase(2, 8, 6)],
  ['a convolution', () => convolutionCase([5, 6, 3], [3, 3, 3, 4], [1, 1])],
  ['a convolution with strides', () => convolutionCase([7, 5, 2], [3, 3, 2, 5], [2, 2])],
  ['a convolution as large as its strides', () => convolutionCase([5, 5, 1], [2, 2, 1, 3], [2, 2])],
  ['a convolution of a signal', () => convolutionCase([1, 11, 4], [1, 7, 4, 3], [1, 2])],
];

describe.each(BACKENDS)("D11: the patients' gradients on %s", (name) => {
  beforeAll(async () => {
    await chooseBackend({ prefer: name });
  });

  it.each(CASES)('are those of the rows of each, kept or made anew, for %s', (_, make) => {
    tf.tidy(() => {
      const { use, ofRow } = make();
      const expected = Array.from({ length: PATIENTS }, () => new Float64Array(use.parameter.size));
      POSITIONS.forEach((patient, row) => {
        ofRow(row).forEach((value, k) => {
          const own = expected[patient] as Float64Array;
          own[k] = (own[k] as number) + value;
        });
      });
      for (const mostKept of [1e6, 0]) {
        const [gradient] = patientGradients([{ positions: POSITIONS, use }], PATIENTS, mostKept);
        const squares = new Float64Array(PATIENTS);
        gradient?.addSquares(squares);
        expected.forEach((own, patient) => {
          const square = own.reduce((sum, value) => sum + value * value, 0);
          expect(Math.abs((squares[patient] as number) / square - 1)).toBeLessThan(1e-5);
        });
        const sum = gradient?.sum(FACTORS) ?? [];
        expect(sum.length).toBe(use.parameter.size);
        for (let k = 0; k < use.parameter.size; k++) {
          const value = expected.reduce(
            (total, own, i) => total + (FACTORS[i] as number) * (own[k] as number),
            0,
          );
          expect(sum[k]).toBeCloseTo(value, 3);
        }
      }
    });
  });

  it('leave no tensor behind but those of the caller', () => {
    const { use } = convolutionCase([5, 6, 3], [3, 3, 3, 4], [1, 1]);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      for (const mostKept of [1e6, 0]) {
        const [gradient] = patientGradients([{ positions: POSITIONS, use }], PATIENTS, mostKept);
        gradient?.addSquares(new Float64Array(PATIENTS));
        gradient?.sum(FACTORS);
      }
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
