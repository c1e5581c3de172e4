import { z } from 'zod';

/** Building blocks of the study's schemas. `error` texts complete "expected …". */

/** Widths of layers. */
export const widths = (max: number) => z.array(whole(1, max)).max(8);

/** Text of 1 to `max` characters, without blanks at its ends. */
export function text(max: number): z.ZodString {
  const error = `text of 1-${max} characters without blanks at its ends`;
  return z
    .string({ error: 'text' })
    .min(1, { error })
    .max(max, { error })
    .regex(/^\S(.*\S)?$/s, { error });
}

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): z.ZodInt {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A finite number within bounds: `from` and `to` belong to it, `above` and `below` do not. */
export function real(bounds: { from?: number; above?: number; to?: number; below?: number }): z.ZodNumber {
  const left = bounds.from === undefined ? `(${bounds.above ?? '-∞'}` : `[${bounds.from}`;
  const right = bounds.to === undefined ? `${bounds.below ?? '∞'})` : `${bounds.to}]`;
  const error = `a number in ${left}, ${right}`;
  let schema = z.number({ error });
  if (bounds.from !== undefined) schema = schema.min(bounds.from, { error });
  if (bounds.above !== undefined) schema = schema.gt(bounds.above, { error });
  if (bounds.to !== undefined) schema = schema.max(bounds.to, { error });
  if (bounds.below !== undefined) schema = schema.lt(bounds.below, { error });
  return schema;
}

export function isFilled(value: object): boolean {
  return Object.keys(value).length > 0;
}
