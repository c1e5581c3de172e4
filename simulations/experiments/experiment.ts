/**
 * What a report can show beside its study: `rarity` on generated patients, `privacy` on the study's own.
 */
export const EXPERIMENTS = ['rarity', 'privacy'] as const;

export type ExperimentName = (typeof EXPERIMENTS)[number];
