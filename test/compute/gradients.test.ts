import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BackendName, chooseBackend } from '../../shared/compute/backend.ts';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '../../shared/compute/tf.ts';
import { seededRandom } from '../../shared/core/random.ts';

type Shape = readonly number[];

/** An operation as the model uses it, over inputs of these shapes, each of which gets a gradient. */
interface Case {
  readonly name: string;
  readonly shapes: readonly Shape[];
  /** Inputs in (0.5, 1.5) instead of a standard normal, for what is defined or smooth there only. */
  readonly positive?: boolean;
  run(inputs: Tensor[]): Tensor;
}

const at = (inputs: Tensor[], index: number): Tensor => inputs[index] as Tensor;
const unary = (name: string, op: (x: Tensor) => Tensor, options: { positive?: boolean } = {}): Case => ({
  name,
  shapes: [[3, 5]],
  ...options,
  run: (inputs) => op(at(inputs, 0)),
});
const binary = (
  name: string,
  op: (a: Tensor, b: Tensor) => Tensor,
  a: Shape,
  b: Shape,
  positive = false,
): Case => ({
  name: `${name} [${a}] [${b}]`,
  shapes: [a, b],
  positive,
  run: (inputs) => op(at(inputs, 0), at(inputs, 1)),
});

const nameOf = (op: { readonly name: string }): string => op.name.replace('__op', '');

const matMuls = [
  // Below and above the size where the scalar loop ends; odd lengths, so that no tile is full.
  ...[
    [3, 4, 5],
    [37, 70, 53],
  ].flatMap(([rows = 1, inner = 1, columns = 1]) =>
    [[], [1], [6], [2, 3]].flatMap((batch) => [
      binary('matMul', (a, b) => tf.matMul(a, b), [...batch, rows, inner], [...batch, inner, columns]),
      binary(
        'matMul aT',
        (a, b) => tf.matMul(a, b, true),
        [...batch, inner, rows],
        [...batch, inner, columns],
      ),
      binary(
        'matMul bT',
        (a, b) => tf.matMul(a, b, false, true),
        [...batch, rows, inner],
        [...batch, columns, inner],
      ),
      binary(
        'matMul aT bT',
        (a, b) => tf.matMul(a, b, true, true),
        [...batch, inner, rows],
        [...batch, columns, inner],
      ),
    ]),
  ),
];

const convolutions = ([1, 2] as const).flatMap((stride) =>
  (['same', 'valid'] as const).flatMap((pad) =>
    [
      [7, 7],
      [8, 6],
      [5, 8],
    ].flatMap(([height = 1, width = 1]) =>
      [
        [3, 3],
        [1, 1],
        [2, 4],
        [5, 1],
      ].flatMap(([filterHeight = 1, filterWidth = 1]): Case[] => [
        binary(
          `conv2d ${pad} stride ${stride}`,
          (x, filter) => tf.conv2d(x as Tensor4D, filter as Tensor4D, stride, pad),
          [2, height, width, 3],
          [filterHeight, filterWidth, 3, 4],
        ),
        ...[1, 2].map((multiplier) =>
          binary(
            `depthwiseConv2d ${pad} stride ${stride}`,
            (x, filter) => tf.depthwiseConv2d(x as Tensor4D, filter as Tensor4D, stride, pad),
            [2, height, width, 3],
            [filterHeight, filterWidth, 3, multiplier],
          ),
        ),
      ]),
    ),
  ),
);

const signals = ([1, 2, 3] as const).flatMap((stride) =>
  (['same', 'valid'] as const).flatMap((pad) =>
    [
      [20, 7],
      [21, 5],
      [16, 4],
    ].map(([length = 1, filter = 1]) =>
      binary(
        `conv1d ${pad} stride ${stride}`,
        (x, kernel) => tf.conv1d(x as Tensor3D, kernel as Tensor3D, stride, pad),
        [3, length, 2],
        [filter, 2, 5],
      ),
    ),
  ),
);

const pools = ([1, 2] as const).flatMap((stride) =>
  (['same', 'valid'] as const).flatMap((pad) =>
    [7, 8].flatMap((side): Case[] => [
      {
        name: `maxPool ${side} ${pad} ${stride}`,
        shapes: [[2, side, side, 3]],
        run: ([x]) => tf.maxPool(x as Tensor4D, 2, stride, pad),
      },
      {
        name: `avgPool ${side} ${pad} ${stride}`,
        shapes: [[2, side, side, 3]],
        run: ([x]) => tf.avgPool(x as Tensor4D, 3, stride, pad),
      },
    ]),
  ),
);

const CASES: readonly Case[] = [
  ...matMuls,
  ...convolutions,
  ...signals,
  ...pools,
  ...[tf.add, tf.sub, tf.mul, tf.div].flatMap((op) => [
    binary(nameOf(op), op, [4, 3], [4, 3], true),
    binary(nameOf(op), op, [4, 3], [3], true),
    binary(nameOf(op), op, [4, 1], [1, 3], true),
    binary(nameOf(op), op, [2, 4, 3], [], true),
  ]),
  // tfjs has no gradient for these three under broadcasting, on any backend.
  ...[tf.maximum, tf.minimum, tf.squaredDifference].map((op) => binary(nameOf(op), op, [4, 3], [4, 3])),
  ...[tf.relu, tf.softplus, tf.sigmoid, tf.tanh, tf.exp, tf.square, tf.abs, tf.neg, tf.elu, tf.expm1].map(
    (op) => unary(nameOf(op), op),
  ),
  ...[tf.sqrt, tf.log, tf.rsqrt, tf.log1p, tf.reciprocal].map((op) =>
    unary(nameOf(op), op, { positive: true }),
  ),
  unary('leakyRelu', (x) => tf.leakyRelu(x, 0.1)),
  unary('gelu by erf', (x) => tf.mul(x, tf.add(1, tf.erf(tf.div(x, Math.SQRT2))))),
  unary('pow', (x) => tf.pow(x, tf.scalar(3)), { positive: true }),
  unary('clipByValue', (x) => tf.clipByValue(x, -0.5, 0.5)),
  unary('logSigmoid', (x) => tf.logSigmoid(x)),
  unary('softmax', (x) => tf.softmax(x)),
  unary('logSoftmax', (x) => tf.logSoftmax(x)),
  unary('logSumExp', (x) => tf.logSumExp(x, -1)),
  unary('logSumExp of columns', (x) => tf.logSumExp(x, 0, true)),
  unary('mean', (x) => tf.mean(x)),
  unary('mean of columns', (x) => tf.mean(x, 0)),
  unary('sum', (x) => tf.sum(x)),
  unary('sum of rows', (x) => tf.sum(x, 1, true)),
  unary('max', (x) => tf.max(x, 1)),
  unary('min', (x) => tf.min(x, 0)),
  unary('cumsum of columns', (x) => tf.cumsum(x, 0)),
  unary('cumsum of rows', (x) => tf.cumsum(x, 1)),
  unary('cumsum, exclusive and from the end', (x) => tf.cumsum(x, 0, true, true)),
  unary('slice', (x) => tf.slice(x, [1, 2], [2, 2])),
  unary('stridedSlice by reverse', (x) => tf.reverse(x, 0)),
  unary('pad', (x) =>
    tf.pad(x, [
      [1, 0],
      [0, 2],
    ]),
  ),
  unary('tile', (x) => tf.tile(x, [2, 3])),
  {
    name: 'tile of axes of length 1',
    shapes: [[2, 1, 1, 3]],
    run: ([x]) => tf.tile(x as Tensor, [1, 4, 5, 1]),
  },
  { name: 'broadcastTo', shapes: [[3, 1]], run: ([x]) => tf.broadcastTo(x as Tensor, [2, 3, 4]) },
  unary('reshape', (x) => tf.square(tf.reshape(x, [5, 3]))),
  unary('transpose', (x) => tf.square(tf.transpose(x))),
  unary('expandDims and squeeze', (x) => tf.squeeze(tf.square(tf.expandDims(x, 1)), [1])),
  unary('unstack and stack', (x) => tf.stack(tf.unstack(x).toReversed(), 1)), // not reverse(): the tape holds that array
  unary('split', (x) =>
    tf.split(x, [2, 3], 1).reduce((sum, part) => tf.add(sum, tf.sum(part, 1, true)), tf.zeros([3, 1])),
  ),
  unary('where', (x) => tf.where(tf.greater(x, 0), tf.square(x), tf.mul(x, 2))),
  unary('gather of repeated rows', (x) => tf.gather(x, tf.tensor1d([2, 0, 2, 2], 'int32'))),
  unary('gather of columns', (x) => tf.gather(x, tf.tensor1d([4, 0, 4], 'int32'), 1)),
  {
    name: 'gather of sentences',
    shapes: [[9, 4]],
    run: ([x]) =>
      tf.gather(
        x as Tensor,
        tf.tensor2d(
          [
            [1, 8, 1],
            [0, 1, 3],
          ],
          [2, 3],
          'int32',
        ),
      ),
  },
  unary('unsortedSegmentSum', (x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 3, 1], 'int32'), 4)),
  binary('concat', (a, b) => tf.concat([a, b], 1), [3, 2], [3, 4]),
  binary('stack', (a, b) => tf.stack([a, b]), [3, 2], [3, 2]),
  binary('addN', (a, b) => tf.addN([a, b, a]), [3, 2], [3, 2]),
  binary('dot', (a, b) => tf.dot(a, b), [4], [4]),
  binary('prelu', (a, b) => tf.prelu(a, b), [3, 4], [4]),
  {
    name: 'group normalization by moments',
    shapes: [[2, 4, 5, 6], [6], [6]],
    run: (inputs) => {
      const grouped = tf.reshape(at(inputs, 0), [2, 20, 3, 2]); // 3 groups of 2 channels
      const { mean, variance } = tf.moments(grouped, [1, 3], true);
      const normal = tf.reshape(
        tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, 1e-5))),
        [2, 4, 5, 6],
      );
      return tf.add(tf.mul(normal, at(inputs, 1)), at(inputs, 2));
    },
  },
  {
    name: 'masked attention',
    shapes: [
      [2, 3, 4],
      [2, 3, 4],
      [2, 3, 4],
    ],
    run: (inputs) => {
      const mask = tf.tensor3d([0, 0, -1e9, 0, -1e9, -1e9], [2, 1, 3]);
      const scores = tf.add(tf.div(tf.matMul(at(inputs, 0), at(inputs, 1), false, true), 2), mask);
      return tf.matMul(tf.softmax(scores), at(inputs, 2));
    },
  },
  {
    name: 'sigmoid cross-entropy with logits',
    shapes: [[6, 2]],
    run: ([x]) =>
      tf.losses.sigmoidCrossEntropy(tf.tensor2d([1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0], [6, 2]), x as Tensor),
  },
];

interface Result {
  readonly value: Float32Array;
  readonly gradients: readonly Float32Array[];
  readonly leaked: number;
}

interface Move {
  readonly directions: readonly Float32Array[];
  readonly step: number;
}

/**
 * Value and gradients of sum(op(inputs) · weights), weights drawn at random so that no gradient is constant.
 * @param move where given, the inputs are moved by step · directions first.
 */
function evaluate(test: Case, move?: Move): Result {
  const before = tf.memory().numTensors;
  const random = seededRandom(test.name);
  const draw = () => (test.positive === true ? 0.5 + random.uniform() : random.normal());
  const tensorOf = (shape: Shape, index: number) => {
    const length = shape.reduce((n, side) => n * side, 1);
    const moved = (k: number) => (move?.step ?? 0) * (move?.directions[index]?.[k] ?? 0);
    return tf.tensor(
      Float32Array.from({ length }, (_, k) => draw() + moved(k)),
      [...shape],
    );
  };
  const inputs = test.shapes.map(tensorOf);
  let weights: Tensor | undefined;
  const { value, grads } = tf.valueAndGrads((...xs: Tensor[]) => {
    const y = test.run(xs);
    weights ??= tf.keep(
      tf.tensor(
        Float32Array.from({ length: y.size }, () => random.normal()),
        y.shape,
      ),
    );
    return tf.sum(tf.mul(y, weights));
  })(inputs);
  const result = {
    value: value.dataSync<'float32'>(),
    gradients: grads.map((grad) => grad.dataSync<'float32'>()),
  };
  tf.dispose([inputs, value, grads, weights ?? []]);
  return { ...result, leaked: tf.memory().numTensors - before };
}

/** The largest difference, relative to the largest element. */
function distance(found: Float32Array, expected: Float32Array): number {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  return Math.max(0, ...found.map((element, i) => Math.abs(element - (expected[i] as number)))) / scale;
}

describe('gradient of cumsum', () => {
  // A square on purpose: there tfjs's own gradient has the right shape and the wrong numbers.
  it('counts, for every element, the sums that it is part of', async () => {
    await chooseBackend({ prefer: 'cpu' });
    const before = tf.memory().numTensors;
    const weights = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const x = tf.ones([2, 2]);
    const gradient = tf.grad((input) => tf.sum(tf.mul(tf.cumsum(input, 0), weights)))(x);
    // Down the columns: the first row is in both sums (1 + 3, 2 + 4), the second in the last alone.
    expect([...gradient.dataSync()]).toEqual([4, 6, 3, 4]);
    tf.dispose([weights, x, gradient]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('gradients on cpu', () => {
  // The plain backend is the measure for the others below, so it is held to slopes itself. 2e-2: a central difference
  // of step 1e-3 in float32.
  it.each(CASES.map((test) => [test.name, test] as const))('%s agree with slopes', async (_name, test) => {
    await chooseBackend({ prefer: 'cpu' });
    const { gradients } = evaluate(test);
    const random = seededRandom('direction', test.name);
    const directions = gradients.map((gradient) => gradient.map(() => random.normal()));
    const slope =
      (evaluate(test, { directions, step: 1e-3 }).value[0] as number) -
      (evaluate(test, { directions, step: -1e-3 }).value[0] as number);
    const expected = gradients.flatMap((gradient, i) =>
      [...gradient].map((g, k) => g * (directions[i]?.[k] as number)),
    );
    const sum = expected.reduce((total, part) => total + part, 0);
    expect(Math.abs(slope / 2e-3 - sum)).toBeLessThan(2e-2 * Math.max(1, Math.hypot(...expected)));
  });
});

describe.each(['wasm', 'native'] as const satisfies BackendName[])('gradients on %s', (backend) => {
  const expected = new Map<string, Result>();
  let isHere = false;

  beforeAll(async () => {
    await chooseBackend({ prefer: 'cpu' });
    for (const test of CASES) expected.set(test.name, evaluate(test));
    isHere = await chooseBackend({ prefer: backend }).then(
      () => true,
      () => false,
    );
    if (!isHere) process.stdout.write(`${backend}: skipped, it does not start here\n`);
  });
  afterAll(async () => {
    await chooseBackend({ prefer: 'cpu' });
  });

  // 1e-5: float32 sums of up to a few thousand products, added in another order.
  it.each(CASES.map((test) => [test.name, test] as const))(
    '%s agree with the plain backend',
    (name, test) => {
      if (!isHere) return;
      const plain = expected.get(name) as Result;
      const found = evaluate(test);
      expect(distance(found.value, plain.value)).toBeLessThan(1e-5);
      found.gradients.forEach((gradient, i) => {
        expect(distance(gradient, plain.gradients[i] as Float32Array)).toBeLessThan(1e-5);
      });
      expect(found.leaked).toBe(0);
    },
  );
});
