import type { SeededRandom } from '../../shared/core/random.ts';

export const DEMO_WAVEFORM = { samples: 128, channels: 2, rateHz: 64 } as const;

/**
 * Two leads of two seconds like an electrocardiogram, in millivolt, [samples, channels]. The higher `seen`, the lower
 * the segment after the spike, the flatter the wave after it and the broader the spike.
 * @param amplifier the recorder's gain, 1 where it is calibrated.
 */
export function drawWaveform(random: SeededRandom, seen: number, amplifier: number): Float32Array {
  const { samples, channels, rateHz } = DEMO_WAVEFORM;
  const values = new Float32Array(samples * channels);
  const beatSeconds = 60 / Math.min(120, Math.max(48, 74 + 10 * random.normal()));
  const firstBeat = -beatSeconds * random.uniform();
  const wander = { size: 0.04 * random.normal(), phase: 2 * Math.PI * random.uniform() };
  const level = Math.min(4, Math.max(-3, seen));
  const waves: readonly Wave[] = [
    { at: -0.17, sigma: 0.025, leads: [0.12, 0.08] },
    { at: -0.035, sigma: 0.012, leads: [-0.12, -0.2] },
    { at: 0, sigma: 0.014 + 0.002 * level, leads: [1.1, 0.7] },
    { at: 0.04, sigma: 0.014, leads: [-0.22, -0.35] },
    { at: 0.12, sigma: 0.045, leads: [-0.11 * level, -0.14 * level] },
    { at: 0.27, sigma: 0.05, leads: [0.32 - 0.12 * level, 0.26 - 0.1 * level] },
  ];
  for (let i = 0; i < samples; i++) {
    const time = i / rateHz;
    const sinceBeat = time - firstBeat;
    const nearest = Math.round(sinceBeat / beatSeconds);
    for (let lead = 0; lead < channels; lead++) {
      let value = wander.size * Math.sin(2 * Math.PI * 0.4 * time + wander.phase) + 0.03 * random.normal();
      for (const beat of [nearest - 1, nearest, nearest + 1]) {
        const offset = sinceBeat - beat * beatSeconds;
        for (const { at, sigma, leads } of waves) {
          value += (leads[lead] as number) * Math.exp(-((offset - at) ** 2) / (2 * sigma * sigma));
        }
      }
      values[i * channels + lead] = amplifier * value;
    }
  }
  return values;
}

interface Wave {
  /** Seconds after the spike. */
  readonly at: number;
  readonly sigma: number;
  /** Millivolt in each lead. */
  readonly leads: readonly [number, number];
}
