import { describe, expect, it } from 'vitest';
import { commits } from '../../../server/studies/commits.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';

const commitOf = (content: string, round = 1, site = 'north') => ({
  studyHash: sha256('study'),
  site: siteId(site),
  round,
  contentHash: sha256(content),
});

describe('the commits of a study', () => {
  it('R8: tell the same content again from other content of the same round', () => {
    const noted = commits();
    expect(noted.of('update', commitOf('a'))).toBe('none');
    noted.note('update', commitOf('a'));
    expect(noted.of('update', commitOf('a'))).toBe('same');
    expect(noted.of('update', commitOf('b'))).toBe('other');
  });

  it('keep sites, rounds and kinds apart', () => {
    const noted = commits();
    noted.note('update', commitOf('a'));
    expect(noted.of('update', commitOf('a', 2))).toBe('none');
    expect(noted.of('update', commitOf('a', 1, 'south'))).toBe('none');
    expect(noted.of('evaluation', commitOf('a'))).toBe('none');
  });

  it('know both evaluations of a round', () => {
    const noted = commits();
    noted.note('evaluation', commitOf('validation'));
    noted.note('evaluation', commitOf('test'));
    expect(noted.of('evaluation', commitOf('validation'))).toBe('same');
    expect(noted.of('evaluation', commitOf('test'))).toBe('same');
  });

  it('remember the last eight rounds of a site', () => {
    const noted = commits();
    for (let round = 1; round <= 9; round++) noted.note('update', commitOf('a', round));
    // 9 - 8 = 1 is forgotten.
    expect([1, 2, 9].map((round) => noted.of('update', commitOf('a', round)))).toEqual([
      'none',
      'same',
      'same',
    ]);
  });
});
