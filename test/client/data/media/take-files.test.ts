import { describe, expect, it } from 'vitest';
import { sharesOf } from '../../../../client/data/media/take-files.ts';

describe('what the files of a patient give', () => {
  it('is as even as can be, and what is left goes to the first or the last ones', () => {
    expect(sharesOf([4, 4, 4], { most: 4, from: 'start' })).toEqual([2, 1, 1]);
    expect(sharesOf([4, 4, 4], { most: 4, from: 'end' })).toEqual([1, 1, 2]);
    expect(sharesOf([4, 4], { most: 4, from: 'start' })).toEqual([2, 2]);
  });

  it('is more where another file has less, and never more than there is', () => {
    expect(sharesOf([1, 8, 2], { most: 8, from: 'start' })).toEqual([1, 5, 2]);
    expect(sharesOf([1, 2], { most: 64, from: 'start' })).toEqual([1, 2]);
    expect(sharesOf([], { most: 4, from: 'start' })).toEqual([]);
  });
});
