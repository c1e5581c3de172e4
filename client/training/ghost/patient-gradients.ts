import { filterGradients } from '../../../shared/compute/filter-gradients.ts';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '../../../shared/compute/tf.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { ParameterUse } from '../../../shared/model/layer-watch.ts';
import type { PatientUse } from './use-watch.ts';

/** One parameter's gradient, patient by patient. */
export interface PatientGradients {
  readonly parameter: Tensor;
  /** Adds ‖gradient‖² of each patient. @param squares [B]. */
  addSquares(squares: Float64Array): void;
  /** The sum of the patients' gradients, each times its factor, in the order of the parameter. @param factors [B]. */
  sum(factors: Float64Array): ArrayLike<number>;
}

/**
 * Up to this many numbers (64 MiB) the patients' gradients of a parameter are kept where their norms need them anyway:
 * the sum is then made of them instead of by a second product as large as the first.
 */
const MOST_KEPT = 2 ** 24;

/**
 * What the uses of one backward pass make of each parameter. Uses of the kind `sum` add up; every other parameter is used
 * once. The uses stay the caller's; what is made of them belongs to the caller's tidy.
 * @param patients B.
 * @param mostKept numbers of a parameter's gradients that may be kept, over all patients.
 */
export function patientGradients(
  uses: readonly PatientUse[],
  patients: number,
  mostKept: number = MOST_KEPT,
): PatientGradients[] {
  const sums = new Map<number, { parameter: Tensor; vectors: Float64Array }>();
  const gradients: PatientGradients[] = [];
  const products = new Set<number>();
  for (const { use, positions } of uses) {
    const { parameter } = use;
    if (use.kind === 'sum') {
      const known = sums.get(parameter.id) ?? {
        parameter,
        vectors: new Float64Array(patients * parameter.size),
      };
      addVectors(known.vectors, use.slopes, positions);
      sums.set(parameter.id, known);
      continue;
    }
    if (products.has(parameter.id)) {
      throw new ConsiliumError(
        'INTERNAL',
        'patient gradients: expected one use of a kernel in a pass, got two',
      );
    }
    products.add(parameter.id);
    const isKept = patients * parameter.size <= mostKept;
    gradients.push(gradientsOf(use, positions, isKept ? patients : undefined));
  }
  return [...gradients, ...[...sums.values()].map(({ parameter, vectors }) => kept(parameter, vectors))];
}

/** @param keptFor B, where the gradients of all patients may be kept. */
function gradientsOf(
  use: Exclude<ParameterUse<Tensor>, { kind: 'sum' }>,
  positions: Int32Array,
  keptFor: number | undefined,
): PatientGradients {
  switch (use.kind) {
    case 'lookup':
      return looked(use, positions);
    case 'convolution':
      return direct(use.parameter, convolved(use), runsOf(positions), keptFor);
    case 'product':
      return multiplied(use, positions, keptFor);
  }
}

/** Adds to [B, n] what the positions of each row of [rows · P, n] (or [rows, ..., n]) sum up to. */
function addVectors(vectors: Float64Array, slopes: Tensor, positions: Int32Array): void {
  const width = slopes.shape.at(-1) as number;
  const isOne = slopes.size === positions.length * width;
  const summed = isOne
    ? (slopes.dataSync() as Float32Array)
    : read(() => tf.sum(tf.reshape(slopes, [positions.length, -1, width]), 1));
  positions.forEach((patient, row) => {
    for (let k = 0; k < width; k++) {
      const at = patient * width + k;
      vectors[at] = (vectors[at] as number) + (summed[row * width + k] as number);
    }
  });
}

/** @param vectors [B, n], the gradients themselves. */
function kept(parameter: Tensor, vectors: Float64Array | Float32Array): PatientGradients {
  const { size } = parameter;
  const patients = vectors.length / size;
  return {
    parameter,
    addSquares(squares) {
      for (let patient = 0; patient < patients; patient++) {
        squares[patient] = (squares[patient] as number) + squareOf(vectors, patient * size, size);
      }
    },
    sum(factors) {
      const sum = new Float64Array(size);
      for (let patient = 0, at = 0; patient < patients; patient++) {
        const factor = factors[patient] as number;
        for (let k = 0; k < size; k++, at++) sum[k] = (sum[k] as number) + factor * (vectors[at] as number);
      }
      return sum;
    },
  };
}

function squareOf(values: ArrayLike<number>, from: number, length: number): number {
  let square = 0;
  for (let at = from; at < from + length; at++) square += (values[at] as number) * (values[at] as number);
  return square;
}

type LookupUse = Extract<ParameterUse<Tensor>, { kind: 'lookup' }>;

/** A word's row of the table gets the sum of what its places in the patient's notes get. */
function looked({ parameter, ids, slopes }: LookupUse, positions: Int32Array): PatientGradients {
  const width = parameter.shape[1] as number;
  const values = slopes.dataSync() as Float32Array;
  const perRow = ids.length / positions.length;
  const patientOf = (at: number) => positions[Math.floor(at / perRow)] as number;
  return {
    parameter,
    addSquares(squares) {
      let words = new Map<number, Float64Array>();
      ids.forEach((id, at) => {
        const patient = patientOf(at);
        const sum = words.get(id) ?? new Float64Array(width);
        words.set(id, sum);
        for (let k = 0; k < width; k++) sum[k] = (sum[k] as number) + (values[at * width + k] as number);
        if (at + 1 < ids.length && patientOf(at + 1) === patient) return;
        for (const word of words.values())
          squares[patient] = (squares[patient] as number) + squareOf(word, 0, width);
        words = new Map();
      });
    },
    sum(factors) {
      const sum = new Float64Array(parameter.size);
      ids.forEach((id, at) => {
        const factor = factors[patientOf(at)] as number;
        for (let k = 0; k < width; k++) {
          const to = id * width + k;
          sum[to] = (sum[to] as number) + factor * (values[at * width + k] as number);
        }
      });
      return sum;
    },
  };
}

/** Rows of one patient, which lie one behind the other. */
interface PatientRows {
  readonly patient: number;
  readonly first: number;
  readonly count: number;
}

function runsOf(positions: Int32Array): readonly PatientRows[] {
  const runs: PatientRows[] = [];
  for (let first = 0, row = 1; row <= positions.length; row++) {
    if (row < positions.length && positions[row] === positions[first]) continue;
    runs.push({ patient: positions[first] as number, first, count: row - first });
    first = row;
  }
  return runs;
}

/** The gradient of a parameter, row by row. */
interface Rows {
  readonly inputs: Tensor;
  readonly slopes: Tensor;
  /** Of each row: [rows, n]. Given. */
  each(inputs: Tensor, slopes: Tensor): Tensor;
  /** The sum over all rows. Given. */
  together(inputs: Tensor, slopes: Tensor): Tensor;
}

/** Each patient's gradient itself, from its own rows. */
function direct(
  parameter: Tensor,
  { inputs, slopes, each, together }: Rows,
  runs: readonly PatientRows[],
  keptFor: number | undefined,
): PatientGradients {
  const { size } = parameter;
  if (keptFor !== undefined) {
    const found = read(() => each(inputs, slopes));
    const vectors = new Float32Array(keptFor * size);
    for (const { patient, first, count } of runs) {
      for (let at = first * size; at < (first + count) * size; at++) {
        const to = patient * size + (at % size);
        vectors[to] = (vectors[to] as number) + (found[at] as number);
      }
    }
    return kept(parameter, vectors);
  }
  return {
    parameter,
    addSquares(squares) {
      for (const { patient, first, count } of runs) {
        const own = (tensor: Tensor) =>
          tf.slice(tensor, [first, ...tensor.shape.slice(1).fill(0)], [count, ...tensor.shape.slice(1)]);
        const gradient = read(() => together(own(inputs), own(slopes)));
        squares[patient] = (squares[patient] as number) + squareOf(gradient, 0, size);
      }
    },
    sum: (factors) => read(() => together(inputs, scaledRows(slopes, runs, factors))),
  };
}

function scaledRows(slopes: Tensor, runs: readonly PatientRows[], factors: Float64Array): Tensor {
  const ofRow = runs.flatMap(({ patient, count }) => Array<number>(count).fill(factors[patient] as number));
  return tf.mul(slopes, tf.tensor(ofRow, [ofRow.length, ...slopes.shape.slice(1).fill(1)]));
}

type ConvolutionUse = Extract<ParameterUse<Tensor>, { kind: 'convolution' }>;

function convolved({ inputs, slopes, parameter, strides }: ConvolutionUse): Rows {
  const filter = parameter.shape as [number, number, number, number];
  const attrs = { strides: [...strides], pad: 'same', dataFormat: 'NHWC', filterShape: [...filter] };
  return {
    inputs,
    slopes,
    each: (x, dy) => filterGradients(x as Tensor4D, dy as Tensor4D, { filter, strides }),
    together: (x, dy) => tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, attrs) as Tensor,
  };
}

type ProductUse = Extract<ParameterUse<Tensor>, { kind: 'product' }>;

/**
 * ‖Aᵀ D‖² of each patient: ‖a‖² ‖d‖² at one position (Goodfellow 2015, arXiv:1510.01799); else Σ (A Aᵀ) ∘ (D Dᵀ) (Li et
 * al. 2021, arXiv:2110.05679) where 2 P² <= p r, and Aᵀ D itself beyond that (Bu et al. 2022, arXiv:2205.10683).
 */
function multiplied(use: ProductUse, positions: Int32Array, keptFor: number | undefined): PatientGradients {
  const { parameter } = use;
  const runs = runsOf(positions);
  const rows = (tensor: Tensor) =>
    tf.reshape(tensor, [positions.length, -1, tensor.shape[1] as number]) as Tensor3D;
  const [inputs, slopes] = [rows(use.inputs), rows(use.slopes)]; // A [rows, P, p], D [rows, P, r]
  const most = (inputs.shape[1] as number) * Math.max(...runs.map(({ count }) => count));
  const flat = (tensor: Tensor) => tf.reshape(tensor, [-1, tensor.shape[2] as number]);
  const together = (a: Tensor, d: Tensor) => tf.matMul(flat(a), flat(d), true);
  if (most > 1 && 2 * most * most > parameter.size) {
    const each = (a: Tensor, d: Tensor) => tf.matMul(a as Tensor3D, d as Tensor3D, true);
    return direct(parameter, { inputs, slopes, each, together }, runs, keptFor);
  }
  return {
    parameter,
    addSquares(squares) {
      const [a, d] = [byPatient(inputs, runs), byPatient(slopes, runs)];
      const found = read(() => (most === 1 ? squaresAtOne(a, d) : ghostSquares(a, d)));
      runs.forEach(({ patient }, i) => {
        squares[patient] = (squares[patient] as number) + (found[i] as number);
      });
    },
    sum: (factors) => read(() => together(inputs, scaledRows(slopes, runs, factors))),
  };
}

function squaresAtOne(inputs: Tensor, slopes: Tensor): Tensor {
  return tf.mul(tf.sum(tf.square(inputs), [1, 2]), tf.sum(tf.square(slopes), [1, 2]));
}

function ghostSquares(inputs: Tensor, slopes: Tensor): Tensor {
  const alike = tf.matMul(inputs, inputs, false, true);
  return tf.sum(tf.mul(alike, tf.matMul(slopes, slopes, false, true)), [1, 2]);
}

/** Each patient's rows as one, filled up with rows of 0 to as many as the patient with most of them has: [runs, P', width]. */
function byPatient(tensor: Tensor3D, runs: readonly PatientRows[]): Tensor {
  const rows = tensor.shape[0];
  if (runs.length === rows) return tensor;
  const most = Math.max(...runs.map(({ count }) => count));
  const [, positions, width] = tensor.shape;
  const order = new Int32Array(runs.length * most).fill(rows); // The row of 0 behind the last.
  runs.forEach(({ first, count }, i) => {
    for (let k = 0; k < count; k++) order[i * most + k] = first + k;
  });
  const padded = tf.concat([tensor, tf.zeros([1, positions, width]) as Tensor3D], 0);
  return tf.reshape(tf.gather(padded, tf.tensor1d(order, 'int32')), [runs.length, most * positions, width]);
}

/** The values of what `work` returns; its tensors are gone then. (A tidy looks at each number of an array that it returns.) */
function read(work: () => Tensor): Float32Array {
  const tensor = tf.tidy(work);
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}
