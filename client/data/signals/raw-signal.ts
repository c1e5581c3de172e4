/** A recording as a file stores it. Carries nothing that identifies a patient. */
export interface RawSignal {
  /** In the order of the file. */
  readonly leads: readonly RawLead[];
}

export interface RawLead {
  /** As written, e.g. `II` or `EEG Fpz-Cz`. */
  readonly name: string;
  /** Of the values, as written, e.g. `mV`; empty if the file does not say. */
  readonly unit: string;
  readonly rateHz: number;
  /** In `unit`; NaN where the file marks a sample as invalid. */
  readonly values: Float32Array;
}

/** What one recording may cost. */
export interface SignalLimits {
  /** Of all files of the recording. */
  readonly bytes: number;
  /** Over all leads. */
  readonly samples: number;
  readonly leads: number;
}

export const SIGNAL_LIMITS: SignalLimits = { bytes: 1 << 30, samples: 1 << 27, leads: 512 };
