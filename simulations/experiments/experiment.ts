/** Experiments on generated patients that a report can show beside its study. */
export const EXPERIMENTS = ['rarity'] as const;

export type ExperimentName = (typeof EXPERIMENTS)[number];
