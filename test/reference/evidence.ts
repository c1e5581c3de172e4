/** One patient's l_S by the formula of learning.md section 2, one number at a time. */
export function slowEvidence(
  modalities: readonly {
    readonly available: boolean;
    readonly precision: number;
    readonly logits: readonly number[];
  }[],
  priorPrecision: number,
): number[] {
  const softplus = (s: number) => Math.log(1 + Math.exp(s));
  const available = modalities.filter((modality) => modality.available);
  const total = available.reduce((sum, { precision }) => sum + softplus(precision), softplus(priorPrecision));
  const outputs = available[0]?.logits.length ?? 0;
  return Array.from({ length: outputs }, (_, k) =>
    available.reduce(
      (sum, { precision, logits }) => sum + (softplus(precision) / total) * (logits[k] as number),
      0,
    ),
  );
}
