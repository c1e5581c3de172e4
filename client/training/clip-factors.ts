/**
 * c_i = min(1, C / ‖g_i‖) for each patient; 0 where the norm is not finite, and such patients are counted.
 * @param squares ‖g_i‖². Borrowed. @param clip C, above 0.
 */
export function clipFactors(
  squares: Float64Array,
  clip: number,
): { readonly factors: Float64Array; readonly dropped: number } {
  let dropped = 0;
  const factors = squares.map((square) => {
    if (!Number.isFinite(square)) {
      dropped++;
      return 0;
    }
    const norm = Math.sqrt(square);
    return norm > clip ? clip / norm : 1;
  });
  return { factors, dropped };
}
