import { type Tensor, type Tensor3D, tf } from '../../../shared/compute/tf.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { ParameterUse } from '../../../shared/model/layer-watch.ts';
import { patchesOf } from './patches.ts';
import type { PatientUse } from './use-watch.ts';

/** One parameter's gradient, patient by patient, without ever being there for each of them. */
export interface PatientGradients {
  readonly parameter: Tensor;
  /** Adds ‖gradient‖² of each patient. @param squares [B]. */
  addSquares(squares: Float64Array): void;
  /** The sum of the patients' gradients, each times its factor, in the order of the parameter. @param factors [B]. */
  sum(factors: Float64Array): ArrayLike<number>;
}

/**
 * What the uses of one backward pass make of each parameter. Uses of the kind `sum` add up; every other parameter is used
 * once. The uses stay the caller's; what is made of them belongs to the caller's tidy.
 * @param patients B.
 */
export function patientGradients(uses: readonly PatientUse[], patients: number): PatientGradients[] {
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
    gradients.push(
      use.kind === 'lookup' ? looked(use, positions) : multiplied(flattened(use), parameter, positions),
    );
  }
  return [...gradients, ...[...sums.values()].map(({ parameter, vectors }) => added(parameter, vectors))];
}

/** Adds to [B, n] what the positions of each row of [rows · P, n] (or [rows, ..., n]) sum up to. */
function addVectors(vectors: Float64Array, slopes: Tensor, positions: Int32Array): void {
  const width = slopes.shape.at(-1) as number;
  const summed = read(() => tf.sum(tf.reshape(slopes, [positions.length, -1, width]), 1));
  positions.forEach((patient, row) => {
    for (let k = 0; k < width; k++) {
      const at = patient * width + k;
      vectors[at] = (vectors[at] as number) + (summed[row * width + k] as number);
    }
  });
}

function added(parameter: Tensor, vectors: Float64Array): PatientGradients {
  const { size } = parameter;
  return {
    parameter,
    addSquares(squares) {
      vectors.forEach((value, at) => {
        const patient = Math.floor(at / size);
        squares[patient] = (squares[patient] as number) + value * value;
      });
    },
    sum(factors) {
      const sum = new Float64Array(size);
      vectors.forEach((value, at) => {
        const k = at % size;
        sum[k] = (sum[k] as number) + (factors[Math.floor(at / size)] as number) * value;
      });
      return sum;
    },
  };
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
          for (const value of word) squares[patient] = (squares[patient] as number) + value * value;
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

/** A [rows, P, p] and D [rows, P, r]. Owned. */
interface Product {
  readonly inputs: Tensor3D;
  readonly slopes: Tensor3D;
}

/** The use as a product for each row; a convolution is one over its patches. Given: kept beyond the caller's tidy. */
function flattened(
  use: Exclude<ParameterUse<Tensor>, { kind: 'lookup' | 'sum' }>,
): (rows: number) => Product {
  return (rows) =>
    tf.tidy(() => {
      const { inputs, slopes, parameter } = use;
      const outputs = slopes.shape.at(-1) as number;
      const deltas = tf.reshape(slopes, [rows, -1, outputs]) as Tensor3D;
      if (use.kind === 'product') {
        const flat = tf.reshape(inputs, [rows, -1, inputs.shape[1] as number]) as Tensor3D;
        return { inputs: flat, slopes: deltas };
      }
      const { patches, positions, length } = patchesOf(inputs.dataSync() as Float32Array, {
        inputs: inputs.shape as [number, number, number, number],
        kernel: parameter.shape.slice(0, 2) as [number, number],
        strides: use.strides,
      });
      return { inputs: tf.tensor3d(patches, [rows, positions, length]), slopes: deltas };
    });
}

/**
 * ‖Aᵀ D‖² of each patient: ‖a‖² ‖d‖² at one position (Goodfellow 2015, arXiv:1510.01799); else Σ (A Aᵀ) ∘ (D Dᵀ) (Li et al. 2021, arXiv:2110.05679) where
 * 2 P² <= p r, and Aᵀ D itself beyond that (Bu et al. 2022, arXiv:2205.10683).
 */
function multiplied(
  productOf: (rows: number) => Product,
  parameter: Tensor,
  positions: Int32Array,
): PatientGradients {
  const rows = productOf(positions.length);
  const { inputs, slopes } = rows;
  return {
    parameter,
    addSquares(squares) {
      const { patients, product } = byPatient(rows, positions);
      const found = read(() => squaresOf(product));
      if (product !== rows) tf.dispose([product.inputs, product.slopes]);
      patients.forEach((patient, i) => {
        squares[patient] = (squares[patient] as number) + (found[i] as number);
      });
    },
    sum: (factors) =>
      read(() => {
        const own = Float32Array.from(positions, (patient) => factors[patient] as number);
        const scaled = tf.mul(slopes, tf.tensor3d(own, [own.length, 1, 1]));
        const flat = (tensor: Tensor) => tf.reshape(tensor, [-1, tensor.shape[2] as number]);
        return tf.matMul(flat(inputs), flat(scaled), true);
      }),
  };
}

function squaresOf({ inputs, slopes }: Product): Tensor {
  const [, count, width] = inputs.shape;
  const outputs = slopes.shape[2];
  if (count === 1) {
    return tf.mul(tf.sum(tf.square(inputs), [1, 2]), tf.sum(tf.square(slopes), [1, 2]));
  }
  if (2 * count * count <= width * outputs) {
    const alike = tf.matMul(inputs, inputs, false, true);
    return tf.sum(tf.mul(alike, tf.matMul(slopes, slopes, false, true)), [1, 2]);
  }
  return tf.sum(tf.square(tf.matMul(inputs, slopes, true)), [1, 2]);
}

/**
 * The rows of each patient one behind the other, filled up with rows of 0 to as many as the patient with most of them
 * has. @returns `rows` itself where every patient has one; else given.
 */
function byPatient(
  rows: Product,
  positions: Int32Array,
): { readonly patients: Int32Array; readonly product: Product } {
  const patients = positions.filter((patient, row) => row === 0 || positions[row - 1] !== patient);
  if (patients.length === positions.length) return { patients, product: rows };
  const counts = Array.from(patients, (patient) => positions.filter((each) => each === patient).length);
  const most = Math.max(...counts);
  const order = new Int32Array(patients.length * most).fill(positions.length); // The row of 0 behind the last.
  let row = 0;
  counts.forEach((count, i) => {
    for (let k = 0; k < count; k++) order[i * most + k] = row++;
  });
  const grouped = (tensor: Tensor3D) =>
    tf.tidy(() => {
      const [, count, width] = tensor.shape;
      const padded = tf.concat([tensor, tf.zeros([1, count, width]) as Tensor3D], 0);
      const gathered = tf.gather(padded, tf.tensor1d(order, 'int32'));
      return tf.reshape(gathered, [patients.length, most * count, width]) as Tensor3D;
    });
  return { patients, product: { inputs: grouped(rows.inputs), slopes: grouped(rows.slopes) } };
}

/** The values of what `work` returns; its tensors are gone then. (A tidy looks at each number of an array that it returns.) */
function read(work: () => Tensor): Float32Array {
  const tensor = tf.tidy(work);
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}
