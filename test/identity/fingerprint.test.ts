import { describe, expect, it } from 'vitest';
import { fingerprintOf, proquints, sameWords } from '../../shared/identity/fingerprint.ts';

/** Wilkerson 2009, arXiv:0901.4016: the examples. */
const VECTORS = [
  ['127.0.0.1', 'lusab-babad'],
  ['63.84.220.193', 'gutih-tugad'],
  ['63.118.7.35', 'gutuk-bisog'],
  ['140.98.193.141', 'mudof-sakat'],
  ['64.255.6.200', 'haguz-biram'],
  ['128.30.52.45', 'mabiv-gibot'],
  ['147.67.119.2', 'natag-lisaf'],
  ['212.58.253.68', 'tibup-zujah'],
  ['216.35.68.215', 'tobog-higil'],
  ['216.68.232.21', 'todah-vobij'],
  ['198.81.129.136', 'sinid-makam'],
  ['12.110.110.204', 'budov-kuras'],
] as const;

describe('proquints', () => {
  it.each(VECTORS)('agrees with the published example %s', (address, words) => {
    expect(proquints(Uint8Array.from(address.split('.'), Number))).toBe(words);
  });
});

describe('fingerprintOf', () => {
  const party = { role: 'site', id: 'cleveland', key: new Uint8Array(32), spki: new Uint8Array(91) } as const;

  it('gives eight words of five letters', () => {
    expect(fingerprintOf(party)).toMatch(/^[a-z]{5}(-[a-z]{5}){7}$/);
  });

  it('changes with the role, the id, the identity key and the TLS key', () => {
    const others = [
      { ...party, role: 'coordinator' as const },
      { ...party, id: 'hungary' },
      { ...party, key: new Uint8Array(32).fill(1) },
      { ...party, spki: new Uint8Array(91).fill(1) },
      { ...party, spki: undefined },
    ];
    expect(new Set([party, ...others].map(fingerprintOf)).size).toBe(6);
  });
});

describe('sameWords', () => {
  it('looks past case and what stands between the words, and at nothing else', () => {
    expect(sameWords('lusab-babad', ' Lusab  BABAD\n')).toBe(true);
    expect(sameWords('lusab-babad', 'lusab babab')).toBe(false);
    expect(sameWords('lusab-babad', 'lusab')).toBe(false);
    expect(sameWords('lusab-babad', '')).toBe(false);
  });
});
