/** What a thread that grows masks is started with. */
export interface MaskThreadData {
  /** 32 bytes for each mask, in memory that all threads share. Borrowed. */
  readonly seeds: Uint8Array;
  /** For each mask 1 or -1. */
  readonly signs: Int8Array;
}

/** A part of a vector, on its way to a thread and back; its memory is handed over each time. */
export interface MaskPart {
  /** Place of its first value. */
  readonly at: number;
  /** On the way back: what the masks come to there. */
  readonly words: Int32Array<ArrayBuffer>;
}
