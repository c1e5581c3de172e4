/** What a study file leaves at its defaults, for modalities that a test writes out. */

export const PLAIN_IMAGE = {
  depth: 1,
  instances: 1,
  input: { intensity: 'window', fit: 'pad', frames: 'middle' },
  augment: { flip: false, shift: 0, rotate: 0, brightness: 0, noise: 0 },
} as const;

export const PLAIN_SIGNAL = {
  depth: 1,
  instances: 1,
  input: { segment: 'start', normalize: 'none' },
  augment: { shift: 0, scale: 0, noise: 0, leadDropout: 0 },
} as const;

export const PLAIN_TEXT = { recurrent: false, instances: 1 } as const;
