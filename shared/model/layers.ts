import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../compute/tf.ts';
import type { LayerWatch } from './layer-watch.ts';

/** Hands out a block's tensors one by one, in the order of its layout. Borrowed. */
export interface TakeTensor {
  (): Tensor;
  /** Who is told of the use of each; undefined where nobody is. */
  readonly watch: LayerWatch<Tensor> | undefined;
}

export function takeFrom(tensors: readonly Tensor[], watch?: LayerWatch<Tensor>): TakeTensor {
  let next = 0;
  const take = () => {
    const tensor = tensors[next++];
    if (tensor === undefined) throw new Error(`block: expected more than ${tensors.length} tensors`);
    return tensor;
  };
  return Object.assign(take, { watch });
}

/**
 * activation(x · kernel + bias): x [rows, inputs], kernel [inputs, outputs], bias [outputs], both taken, →
 * [rows, outputs]. Given.
 *
 * With a hand-written gradient, because small models spend their time on the number of operations. This is also the
 * one place to change for a leading axis of virtual sites (x [sites, rows, inputs], kernel [sites, inputs, outputs]):
 * see `network.ts`.
 * @param options.isInput x is data: no gradient is computed for it.
 */
export function dense(
  x: Tensor,
  take: TakeTensor,
  options: { readonly activation?: 'relu'; readonly isInput?: boolean } = {},
): Tensor2D {
  const { activation, isInput = false } = options;
  const [kernel, bias] = [take(), take()];
  if (take.watch !== undefined) {
    const z = take.watch.probe(
      tf.add(tf.matMul(x as Tensor2D, kernel as Tensor2D), bias),
      [x],
      (slopes, kept) => [
        { kind: 'product', parameter: kernel, inputs: kept[0] as Tensor, slopes },
        { kind: 'sum', parameter: bias, slopes },
      ],
    );
    return (activation === 'relu' ? tf.relu(z) : z) as Tensor2D;
  }
  const forward = (input: Tensor, weight: Tensor, offset: Tensor) => {
    const z = tf.add(tf.matMul(input, weight), offset);
    return (activation === 'relu' ? tf.relu(z) : z) as Tensor2D;
  };
  const beforeActivation = (dy: Tensor, y: Tensor | undefined) =>
    y === undefined ? dy : tf.mul(dy, tf.step(y));

  const run = tf.customGrad<Tensor2D>((...args) => {
    const save = args.at(-1) as (tensors: Tensor[]) => void;
    const [input, weight, offset] = (isInput ? [x, ...args] : args) as [Tensor, Tensor, Tensor];
    const y = forward(input, weight, offset);
    save([input, weight, ...(activation === 'relu' ? [y] : [])]);
    return {
      value: y,
      gradFunc: (dy, saved) => {
        const [savedInput, savedWeight, savedOutput] = saved as [Tensor, Tensor, Tensor | undefined];
        const dz = beforeActivation(dy, savedOutput); // [rows, outputs]
        const own = [tf.matMul(savedInput, dz, true, false), tf.sum(dz, 0)];
        return isInput ? own : [tf.matMul(dz, savedWeight, false, true), ...own];
      },
    };
  });
  return isInput ? run(kernel, bias) : run(x, kernel, bias);
}

/** x · kernel: x [rows · P, inputs], kernel [inputs, outputs]. Given. */
export function product(x: Tensor, kernel: Tensor, watch: LayerWatch<Tensor> | undefined): Tensor {
  const y = tf.matMul(x as Tensor2D, kernel as Tensor2D);
  if (watch === undefined) return y;
  return watch.probe(y, [x], (slopes, [inputs]) => [
    { kind: 'product', parameter: kernel, inputs: inputs as Tensor, slopes },
  ]);
}

/** x + bias: x [..., outputs], bias [outputs]. Given. */
export function addBias(x: Tensor, bias: Tensor, watch: LayerWatch<Tensor> | undefined): Tensor {
  const y = tf.add(x, bias);
  if (watch === undefined) return y;
  return watch.probe(y, [], (slopes) => [{ kind: 'sum', parameter: bias, slopes }]);
}

/** x [p, h, w, c] under a kernel [kh, kw, c, filters], which is taken; padding `same`. Given. */
export function convolution(
  x: Tensor4D,
  take: TakeTensor,
  strides: readonly [number, number] = [1, 1],
): Tensor4D {
  const { watch } = take;
  const kernel = take() as Tensor4D;
  const y = tf.conv2d(x, kernel, [...strides], 'same');
  if (watch === undefined) return y;
  return watch.probe(y, [x], (slopes, [inputs]) => [
    { kind: 'convolution', parameter: kernel, inputs: inputs as Tensor, slopes, strides },
  ]);
}

/**
 * Rows [p, width] into a batch: row i goes to `positions[i]`, where several meet is their mean, the rest is 0.
 * → [size, width]. Given, unless row i goes to position i, when `rows` itself comes back.
 */
export function scatterRows(rows: Tensor2D, positions: Int32Array, size: number): Tensor2D {
  const count = positions.length;
  if (count === size && positions.every((position, i) => position === i)) return rows;
  const meet = new Int32Array(size);
  for (const position of positions) meet[position] = (meet[position] as number) + 1;
  const place = new Float32Array(size * count); // [size, p], one entry per column
  positions.forEach((position, i) => {
    place[position * count + i] = 1 / (meet[position] as number);
  });
  return tf.matMul(tf.tensor2d(place, [size, count]), rows);
}
