import { describe, expect, it } from 'vitest';
import { ERROR_CATALOG } from '../../shared/core/catalog.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';

describe('ConsiliumError', () => {
  it('carries its code, message, hint and cause', () => {
    const cause = new Error('disk');
    const error = new ConsiliumError('STATE_CORRUPT', 'blob: expected its hash', {
      cause,
      hint: 'Restore it.',
    });
    expect(error).toMatchObject({
      name: 'ConsiliumError',
      code: 'STATE_CORRUPT',
      message: 'blob: expected its hash',
      hint: 'Restore it.',
      cause,
    });
    expect(error).toBeInstanceOf(Error);
  });

  it('has no hint unless given one', () => {
    expect(new ConsiliumError('INTERNAL', 'x').hint).toBeUndefined();
  });

  it('knows the meaning of its code', () => {
    expect(new ConsiliumError('NO_QUORUM', 'x').spec).toBe(ERROR_CATALOG.NO_QUORUM);
  });
});
