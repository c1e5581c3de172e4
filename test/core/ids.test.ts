import { describe, expect, it } from 'vitest';
import {
  blockId,
  contentHash,
  encoderBlock,
  JOINT_BLOCK,
  modalityId,
  modalityOf,
  SITE_BLOCK,
  siteId,
  studyId,
} from '../../shared/core/ids.ts';

const BAD_ID = expect.objectContaining({ code: 'BAD_ID' });

describe.each([
  ['siteId', siteId],
  ['studyId', studyId],
  ['modalityId', modalityId],
])('%s', (_name, read) => {
  it.each(['a', '0', 'heart-four-hospitals', 'x'.repeat(64)])('accepts %j', (text) => {
    expect(read(text)).toBe(text);
  });

  // The last two: a pattern without anchors, or with `$` in multiline mode, would let them pass.
  it.each(['', '-a', 'A', 'a_b', 'a.b', 'a/b', 'é', 'x'.repeat(65), ' a', 'a\n'])('refuses %j', (text) => {
    expect(() => read(text)).toThrow(BAD_ID);
  });
});

describe('blockId', () => {
  it.each(['joint', 'site', 'encoder:ecg'])('accepts %j', (text) => {
    expect(blockId(text)).toBe(text);
  });

  it.each(['', 'encoder', 'encoder:', 'encoder:ECG', 'encoder:a:b', 'Joint', 'head'])(
    'refuses %j',
    (text) => {
      expect(() => blockId(text)).toThrow(BAD_ID);
    },
  );

  it('finds the modality of an encoder again, and of nothing else', () => {
    expect(modalityOf(encoderBlock(modalityId('ecg')))).toBe('ecg');
    expect(modalityOf(JOINT_BLOCK)).toBeUndefined();
    expect(modalityOf(SITE_BLOCK)).toBeUndefined();
  });
});

describe('contentHash', () => {
  it('accepts 64 hexadecimal digits in lower case', () => {
    expect(contentHash('0f'.repeat(32))).toBe('0f'.repeat(32));
  });

  it.each(['', '0f'.repeat(31), '0F'.repeat(32), '0g'.repeat(32), `${'0f'.repeat(32)}0`])(
    'refuses %j',
    (text) => {
      expect(() => contentHash(text)).toThrow(BAD_ID);
    },
  );
});

describe('branded ids', () => {
  it('do not stand in for each other', () => {
    const ofSite = (_site: ReturnType<typeof siteId>) => 'compiled';
    // @ts-expect-error a study id is not a site id
    expect(ofSite(studyId('a'))).toBe('compiled');
  });
});
