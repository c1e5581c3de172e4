/** A limit of the sharing of secrets: its places are the bytes 1 to 255. */
export const MAX_PARTICIPANTS = 255;

/** Fewer survivors than this are never summed, whatever a policy says: two would read each other from the sum. */
export const MIN_COHORT = 3;

/**
 * t: shares that rebuild a secret, and signatures that an agreement needs. 2t > n + c keeps a coordinator with c
 * colluding sites from two agreements, and from both kinds of share of one site (`secure-aggregation.md` §5).
 * @param participants n.
 */
export function thresholdOf(participants: number): number {
  return Math.floor((2 * participants) / 3) + 1;
}

/** c: how many sites may collude with a lying coordinator. */
export function toleratedColluders(participants: number): number {
  return 2 * thresholdOf(participants) - participants - 1;
}
