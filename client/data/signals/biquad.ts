/** A second-order section, scaled so that a0 = 1: y = b0·x + b1·x₋₁ + b2·x₋₂ − a1·y₋₁ − a2·y₋₂. */
export interface Biquad {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/** Butterworth of second order. */
const BUTTERWORTH = Math.SQRT1_2;
/** Width of the notch: its frequency divided by this. */
const NOTCH_QUALITY = 30;

/*
 * R. Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients"; all frequencies in Hz, above 0
 * and below half of `rateHz`.
 */

export function lowpass(hertz: number, rateHz: number): Biquad {
  const { cos, alpha } = angle(hertz, rateHz, BUTTERWORTH);
  return normalized([(1 - cos) / 2, 1 - cos, (1 - cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]);
}

export function highpass(hertz: number, rateHz: number): Biquad {
  const { cos, alpha } = angle(hertz, rateHz, BUTTERWORTH);
  return normalized([(1 + cos) / 2, -(1 + cos), (1 + cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]);
}

export function notch(hertz: number, rateHz: number): Biquad {
  const { cos, alpha } = angle(hertz, rateHz, NOTCH_QUALITY);
  return normalized([1, -2 * cos, 1], [1 + alpha, -2 * cos, 1 - alpha]);
}

/**
 * Filters forward and backward, so that nothing is delayed and every section counts twice. The ends are extended by
 * `padding` values, mirrored through the end value, and each pass starts as if its first value had always been.
 * @param values finite; borrowed.
 * @param padding at most `values.length − 1` of it is used.
 */
export function zeroPhase(values: Float64Array, sections: readonly Biquad[], padding: number): Float64Array {
  if (values.length === 0 || sections.length === 0) return values.slice();
  const pad = Math.min(padding, values.length - 1);
  const extended = mirrored(values, pad);
  cascade(extended, sections);
  extended.reverse();
  cascade(extended, sections);
  extended.reverse();
  return extended.slice(pad, pad + values.length);
}

function angle(hertz: number, rateHz: number, quality: number): { cos: number; alpha: number } {
  const omega = (2 * Math.PI * hertz) / rateHz;
  return { cos: Math.cos(omega), alpha: Math.sin(omega) / (2 * quality) };
}

function normalized(b: Biquad['b'], [a0, a1, a2]: readonly [number, number, number]): Biquad {
  return { b: [b[0] / a0, b[1] / a0, b[2] / a0], a: [a1 / a0, a2 / a0] };
}

/** Odd extension: 2·end − the value as far inside. */
function mirrored(values: Float64Array, pad: number): Float64Array {
  const extended = new Float64Array(values.length + 2 * pad);
  extended.set(values, pad);
  const [first, last] = [values[0] as number, values[values.length - 1] as number];
  for (let i = 1; i <= pad; i++) {
    extended[pad - i] = 2 * first - (values[i] as number);
    extended[pad + values.length - 1 + i] = 2 * last - (values[values.length - 1 - i] as number);
  }
  return extended;
}

/** In place; direct form II transposed, from the steady state of the first value. */
function cascade(values: Float64Array, sections: readonly Biquad[]): void {
  let steady = values[0] as number;
  for (const { b, a } of sections) {
    const settled = (steady * (b[0] + b[1] + b[2])) / (1 + a[0] + a[1]);
    let second = b[2] * steady - a[1] * settled;
    let first = b[1] * steady - a[0] * settled + second;
    for (let i = 0; i < values.length; i++) {
      const input = values[i] as number;
      const output = b[0] * input + first;
      first = b[1] * input - a[0] * output + second;
      second = b[2] * input - a[1] * output;
      values[i] = output;
    }
    steady = settled;
  }
}
