import { type Tensor, type Tensor4D, tf } from '../../compute/tf.ts';
import type { LayerWatch } from '../layer-watch.ts';

const EPSILON = 1e-5;
const MOST_GROUPS = 8;
/** Channels of a group, at least: one alone would lose its mean, and with it what the pooling at the end reads. */
const LEAST_CHANNELS = 4;

/**
 * Wu & He 2018, arXiv:1803.08494: per patient and group of channels, mean 0 and variance 1; then scale and offset, and
 * ReLU on request. x [p, height, width, channels], scale and offset [channels]. Given.
 *
 * Plain loops with a hand-written gradient: as tensor operations it is some forty small ones a call, forth and back,
 * and each costs more than the loop over a small picture does.
 */
export function groupNorm(
  x: Tensor4D,
  scale: Tensor,
  offset: Tensor,
  options: { readonly activation?: 'relu'; readonly watch?: LayerWatch<Tensor> | undefined } = {},
): Tensor4D {
  const layout = layoutOf(x);
  const isRelu = options.activation === 'relu';
  const run = tf.customGrad<Tensor4D>((...args) => {
    const [input, scaleIn, offsetIn, save] = args as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const scales = scaleIn.dataSync() as Float32Array;
    const { normal, deviations } = normalize(input.dataSync() as Float32Array, layout);
    const values = affine(normal, scales, offsetIn.dataSync() as Float32Array, isRelu);
    save([]);
    return {
      value: tf.tensor4d(values, x.shape),
      gradFunc: (dy: Tensor) => {
        const upstream = dy.dataSync() as Float32Array;
        const slope = isRelu ? upstream.map((g, i) => ((values[i] as number) > 0 ? g : 0)) : upstream;
        const { dx, dScales, dOffsets } = backward(slope, { normal, deviations, scales, layout });
        const rows: [number, number] = [layout.patients, layout.channels];
        options.watch?.tell([
          { kind: 'sum', parameter: scale, slopes: tf.tensor2d(Float32Array.from(dScales), rows) },
          { kind: 'sum', parameter: offset, slopes: tf.tensor2d(Float32Array.from(dOffsets), rows) },
        ]);
        const summed = (values: Float64Array) => tf.tensor(sumOfPatients(values, layout), scale.shape);
        return [tf.tensor4d(dx, x.shape), summed(dScales), summed(dOffsets)];
      },
    };
  });
  return run(x, scale, offset);
}

export function groupsOf(channels: number): number {
  for (let groups = Math.min(MOST_GROUPS, Math.floor(channels / LEAST_CHANNELS)); groups > 1; groups--) {
    if (channels % groups === 0) return groups;
  }
  return 1;
}

interface Layout {
  readonly patients: number;
  readonly pixels: number;
  readonly channels: number;
  /** Channels in a group. */
  readonly width: number;
}

function layoutOf(x: Tensor4D): Layout {
  const [patients, height, columns, channels] = x.shape;
  return { patients, pixels: height * columns, channels, width: channels / groupsOf(channels) };
}

/** @returns (x − mean) / deviation, and the deviation of each patient and group, patient by patient. */
function normalize(
  x: Float32Array,
  { patients, pixels, channels, width }: Layout,
): { normal: Float32Array; deviations: Float64Array } {
  const normal = new Float32Array(x.length);
  const groups = channels / width;
  const count = pixels * width;
  const deviations = new Float64Array(patients * groups);
  for (let index = 0; index < deviations.length; index++) {
    const first = Math.floor(index / groups) * pixels * channels + (index % groups) * width;
    const end = first + pixels * channels;
    let sum = 0;
    for (let at = first; at < end; at += channels)
      for (let i = at; i < at + width; i++) sum += x[i] as number;
    const mean = sum / count;
    let squares = 0;
    for (let at = first; at < end; at += channels)
      for (let i = at; i < at + width; i++) squares += ((x[i] as number) - mean) ** 2;
    const deviation = Math.sqrt(squares / count + EPSILON);
    const inverse = 1 / deviation;
    for (let at = first; at < end; at += channels)
      for (let i = at; i < at + width; i++) normal[i] = ((x[i] as number) - mean) * inverse;
    deviations[index] = deviation;
  }
  return { normal, deviations };
}

function affine(
  normal: Float32Array,
  scale: Float32Array,
  offset: Float32Array,
  isRelu: boolean,
): Float32Array {
  const values = new Float32Array(normal.length);
  const channels = scale.length;
  for (let at = 0; at < values.length; at += channels) {
    for (let c = 0; c < channels; c++) {
      const value = (normal[at + c] as number) * (scale[c] as number) + (offset[c] as number);
      values[at + c] = isRelu && value < 0 ? 0 : value;
    }
  }
  return values;
}

/**
 * With g = dy · scale: dx = (g − mean g − normal · mean(g · normal)) / deviation, means over a patient's group.
 * @returns dScales and dOffsets [patients, channels].
 */
function backward(
  dy: Float32Array,
  context: {
    readonly normal: Float32Array;
    readonly deviations: Float64Array;
    readonly scales: Float32Array;
    readonly layout: Layout;
  },
): { dx: Float32Array; dScales: Float64Array; dOffsets: Float64Array } {
  const { normal, deviations, scales, layout } = context;
  const { patients, pixels, channels, width } = layout;
  const groups = channels / width;
  const count = pixels * width;
  const dx = new Float32Array(dy.length);
  const dScales = new Float64Array(patients * channels);
  const dOffsets = new Float64Array(patients * channels);
  for (let index = 0; index < deviations.length; index++) {
    const channel = (index % groups) * width;
    const patient = Math.floor(index / groups);
    const first = patient * pixels * channels + channel;
    const end = first + pixels * channels;
    let sum = 0;
    let product = 0;
    for (let c = 0; c < width; c++) {
      let own = 0;
      let ownProduct = 0;
      for (let i = first + c; i < end; i += channels) {
        own += dy[i] as number;
        ownProduct += (dy[i] as number) * (normal[i] as number);
      }
      dOffsets[patient * channels + channel + c] = own;
      dScales[patient * channels + channel + c] = ownProduct;
      sum += own * (scales[channel + c] as number);
      product += ownProduct * (scales[channel + c] as number);
    }
    const [mean, meanProduct, inverse] = [sum / count, product / count, 1 / (deviations[index] as number)];
    for (let at = first; at < end; at += channels) {
      for (let c = 0; c < width; c++) {
        const g = (dy[at + c] as number) * (scales[channel + c] as number);
        dx[at + c] = (g - mean - (normal[at + c] as number) * meanProduct) * inverse;
      }
    }
  }
  return { dx, dScales, dOffsets };
}

/** [patients, channels] → [channels]. */
function sumOfPatients(values: Float64Array, { channels }: Layout): Float32Array {
  const sum = new Float64Array(channels);
  for (let at = 0; at < values.length; at += channels) {
    for (let c = 0; c < channels; c++) sum[c] = (sum[c] as number) + (values[at + c] as number);
  }
  return Float32Array.from(sum);
}
