/** A convolution with padding `same`, as far as its patches go. */
export interface PatchShape {
  /** Of the inputs: [rows, height, width, channels]. */
  readonly inputs: readonly [number, number, number, number];
  /** Height and width of the kernel. */
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
}

/**
 * The values under each position of the kernel, 0 beyond the edge: [rows, positions, kh · kw · channels], in the order
 * of the kernel's values, so that the convolution is their product with it.
 */
export function patchesOf(
  values: Float32Array,
  { inputs, kernel, strides }: PatchShape,
): { readonly patches: Float32Array; readonly positions: number; readonly length: number } {
  const [rows, height, width, channels] = inputs;
  const vertical = edges(height, kernel[0], strides[0]);
  const horizontal = edges(width, kernel[1], strides[1]);
  const positions = vertical.count * horizontal.count;
  const length = kernel[0] * kernel[1] * channels;
  const patches = new Float32Array(rows * positions * length);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < vertical.count; i++) {
      const top = i * strides[0] - vertical.before;
      for (let j = 0; j < horizontal.count; j++) {
        const left = j * strides[1] - horizontal.before;
        const first = Math.max(0, -left);
        const last = Math.min(kernel[1], width - left);
        for (let y = top; y < top + kernel[0]; y++, to += kernel[1] * channels) {
          if (y < 0 || y >= height) continue;
          const from = ((row * height + y) * width + left) * channels;
          for (let at = first * channels; at < last * channels; at++) {
            patches[to + at] = values[from + at] as number;
          }
        }
      }
    }
  }
  return { patches, positions, length };
}

/** How often the kernel is set down along an axis, and by how much the first one sticks out before it (as TensorFlow). */
function edges(length: number, kernel: number, stride: number): { count: number; before: number } {
  const count = Math.ceil(length / stride);
  const beyond = Math.max(0, (count - 1) * stride + kernel - length);
  return { count, before: Math.floor(beyond / 2) };
}
