import { describe, expect, it } from 'vitest';
import { signingKeyOf } from '../../shared/crypto/sign.ts';
import {
  openDocument,
  openSignedStudy,
  readSignedStudyText,
  signedStudyText,
  signStudy,
} from '../../shared/identity/signed-study.ts';
import { studyHash } from '../../shared/study/hash.ts';
import { parseStudy } from '../../shared/study/parse.ts';

const LEAD = { id: 'dr-lee', key: signingKeyOf(new Uint8Array(32).fill(9)) };
const SOURCE = `study: heart # a remark
task: { kind: binary, label: disease }
modalities: { labs: { kind: tabular, features: { chol: {} } } }
`;
const SETTINGS = new Map([
  ['training.rounds', '7'],
  ['merge.minHolders', '4'],
]);

describe('a signed study', () => {
  it('has the hash of the study with its settings, and holds under the key of its lead', () => {
    const signed = signStudy(LEAD, { source: SOURCE, settings: SETTINGS });
    const { opened, problems } = openSignedStudy(signed, LEAD.key.publicKey);
    expect(problems).toEqual([]);
    expect(opened?.hash).toBe(
      studyHash(parseStudy(SOURCE, 'study', ['merge.minHolders=4', 'training.rounds=7'])),
    );
    expect(opened?.study.training.rounds).toBe(7);
    expect(opened?.source).toBe(SOURCE);
  });

  it('is the same document in whatever order the settings were given', () => {
    const reversed = new Map([...SETTINGS].reverse());
    expect(signStudy(LEAD, { source: SOURCE, settings: reversed })).toEqual(
      signStudy(LEAD, { source: SOURCE, settings: SETTINGS }),
    );
  });

  it('comes back whole from the file that people hand around', () => {
    const signed = signStudy(LEAD, { source: SOURCE, settings: SETTINGS });
    expect(readSignedStudyText(signedStudyText(signed))).toEqual(signed);
    expect(readSignedStudyText(SOURCE)).toBeUndefined();
  });

  it('does not hold once a character is another, for another lead, or for a lead that nobody knows', () => {
    const signed = signStudy(LEAD, { source: SOURCE, settings: SETTINGS });
    const changed = {
      ...signed,
      document: Uint8Array.from(Buffer.from(Buffer.from(signed.document).toString().replace('"7"', '"8"'))),
    };
    const other = signingKeyOf(new Uint8Array(32).fill(1)).publicKey;
    for (const { opened, problems } of [
      openSignedStudy(changed, LEAD.key.publicKey),
      openSignedStudy(signed, other),
      openSignedStudy(signed, undefined),
    ]) {
      expect(opened).toBeUndefined();
      expect(problems).toHaveLength(1);
    }
  });

  it('cannot be made of a study with faults', () => {
    expect(() => signStudy(LEAD, { source: 'study: heart', settings: new Map() })).toThrow(
      expect.objectContaining({ code: 'STUDY_INVALID' }),
    );
  });

  it.each([
    '',
    'null',
    '{"format":2,"settings":{},"source":"study: a"}',
    '{"source":"study: a","format":1,"settings":{}}',
    '{"format":1,"settings":{"a":1},"source":"study: a"}',
    '{"extra":1,"format":1,"settings":{},"source":"study: a"}',
  ])('is not read from the document %j', (text) => {
    expect(() => openDocument(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'STUDY_INVALID' }));
  });
});
