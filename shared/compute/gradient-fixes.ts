import { type NamedAttrMap, type Tensor, TFJS_NAME, tf } from './tf.ts';

const COMPARISONS = ['Equal', 'NotEqual', 'Greater', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr'] as const;

/** Corrects what tfjs 4.22 gets wrong on every backend. Registering again is harmless. */
export function registerGradientFixes(): void {
  // Along any axis but the last, its own gradient comes out transposed: refused when the lengths differ, silently
  // wrong when they agree.
  tf.registerGradient({
    kernelName: 'Cumsum',
    gradFunc: (dy, _saved, attrs: NamedAttrMap) => {
      const { axis, exclusive, reverse } = attrs as { axis: number; exclusive: boolean; reverse: boolean };
      return { x: () => tf.cumsum(dy as Tensor, axis, exclusive, !reverse) };
    },
  });
  // At a padded edge the mean is over the elements inside, but the gradient kernels of cpu and wasm divide by the whole
  // window. TensorFlow's own is right.
  tf.registerGradient({
    kernelName: 'AvgPool',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs: NamedAttrMap) => {
      const pool = attrs as unknown as Pool;
      if (x === undefined) throw new Error('avgPool: expected its input to be saved');
      const share = tf.getBackend() === TFJS_NAME.native ? undefined : insideShare(x.shape, pool);
      const scaled = share === undefined ? (dy as Tensor) : tf.div(dy as Tensor, share);
      return { x: () => tf.engine().runKernel('AvgPoolGrad', { dy: scaled, input: x }, attrs) as Tensor };
    },
  });
  // A condition made from what is differentiated, as in `where(greater(x, 0), …)`, has the gradient zero; of all
  // comparisons tfjs knows that of `greaterEqual` only and refuses the rest.
  for (const kernelName of COMPARISONS) {
    tf.registerGradient({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (_dy, [a, b]) => ({ a: () => zerosAs(a), b: () => zerosAs(b) }),
    });
  }
  tf.registerGradient({
    kernelName: 'LogicalNot',
    inputsToSave: ['x'],
    gradFunc: (_dy, [x]) => ({ x: () => zerosAs(x) }),
  });
}

interface Pool {
  readonly filterSize: [number, number];
  readonly strides: [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly dimRoundingMode: 'floor' | 'round' | 'ceil';
}

/** Which share of each window lies inside the input, [1, outH, outW, 1]; undefined where all of each does. */
function insideShare(shape: number[], pool: Pool): Tensor | undefined {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const { filterSize, strides, pad, dimRoundingMode } = pool;
  const info = tf.backend_util.computePool2DInfo(
    [batch, height, width, channels],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { top, bottom, left, right } = info.padInfo;
  if (top + bottom + left + right === 0) return undefined;
  const inside = (count: number, stride: number, before: number, window: number, length: number) =>
    Array.from({ length: count }, (_, i) => {
      const start = i * stride - before;
      return (Math.min(length, start + window) - Math.max(0, start)) / window;
    });
  const rows = inside(info.outHeight, info.strideHeight, top, info.filterHeight, info.inHeight);
  const columns = inside(info.outWidth, info.strideWidth, left, info.filterWidth, info.inWidth);
  const shares = rows.flatMap((row) => columns.map((column) => row * column));
  return tf.tensor(shares, [1, info.outHeight, info.outWidth, 1], 'float32');
}

/** Float zeros, whatever the type of `tensor`: tfjs refuses a gradient of another type. */
function zerosAs(tensor: Tensor | undefined): Tensor {
  return tf.zeros(tensor?.shape ?? []);
}
