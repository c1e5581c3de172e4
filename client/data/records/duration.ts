const SECOND_US = 1_000_000;

/** Microseconds of the units in which the site file writes times; a year is 365.25 days. */
export const TIME_UNITS = {
  s: SECOND_US,
  m: 60 * SECOND_US,
  h: 3600 * SECOND_US,
  d: 86_400 * SECOND_US,
  y: 31_557_600 * SECOND_US,
} as const;

/** Microseconds of `-24h`, `90m`, `1.5d`, `2y` or `0`; undefined for another text or more than 250 years. */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  const match = /^([+-]?\d{1,9}(?:\.\d{1,9})?) ?([smhdy])$/.exec(text);
  if (match === null) return undefined;
  const us = Math.round(Number(match[1]) * TIME_UNITS[match[2] as keyof typeof TIME_UNITS]);
  return Math.abs(us) <= 250 * TIME_UNITS.y ? us : undefined;
}
