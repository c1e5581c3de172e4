import { type Tensor2D, tf } from '../../compute/tf.ts';
import { dense, type TakeTensor } from '../layers.ts';
import type { EncoderInput } from './encoder.ts';
import { globalAverage, residualStages } from './residual.ts';
import { IMAGE_STRIDES } from './strides.ts';

/** Residual convolutions, each stage half as high and wide, then the mean over the image: → [p, embedding]. Given. */
export function encodeImage(
  modality: {
    readonly height: number;
    readonly width: number;
    readonly channels: number;
    readonly filters: readonly number[];
    readonly depth: number;
  },
  take: TakeTensor,
  input: EncoderInput,
): Tensor2D {
  const { height, width, channels, filters, depth } = modality;
  const x = tf.tensor4d(input.values, [input.rows, height, width, channels]);
  const features = residualStages(x, take, { stages: filters.length, depth, strides: IMAGE_STRIDES });
  return dense(globalAverage(features), take);
}
