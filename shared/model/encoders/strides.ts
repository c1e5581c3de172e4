/** By how much each stage of an image encoder shrinks height and width. */
export const IMAGE_STRIDES = [2, 2] as const;
/** The same of a signal encoder, for which a signal is an image of height 1. */
export const SIGNAL_STRIDES = [1, 2] as const;
