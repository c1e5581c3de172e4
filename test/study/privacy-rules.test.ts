import { describe, expect, it } from 'vitest';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { parseStudy } from '../../shared/study/parse.ts';

const STUDY = `study: small
task: { kind: binary, label: y }
modalities:
  labs: { kind: tabular, features: { chol: { range: [0, 10] }, sex: { levels: [0, 1] } } }
  scan: { kind: image, height: 32, width: 32 }
training: { normalization: ranges }
privacy: { mode: record, clip: 1, multiplier: 1.1 }
`;

function refusal(overrides: readonly string[], text = STUDY): ConsiliumError {
  try {
    parseStudy(text, 'study.yaml', overrides);
  } catch (error) {
    if (error instanceof ConsiliumError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('the privacy of a study', () => {
  it('is a clip and a multiplier, or an epsilon', () => {
    expect(parseStudy(STUDY, 'study.yaml').privacy).toEqual({
      secureAggregation: false,
      record: { clip: 1, noise: { kind: 'multiplier', multiplier: 1.1 } },
    });
    const asked = ['privacy={mode: record, clip: 2, epsilon: 3, delta: 1e-5}'];
    expect(parseStudy(STUDY, 'study.yaml', asked).privacy.record).toEqual({
      clip: 2,
      noise: { kind: 'epsilon', epsilon: 3 },
      delta: 1e-5,
    });
  });

  it('is none by default, and no part of the study then', () => {
    expect(parseStudy(STUDY, 'study.yaml', ['privacy=']).privacy).toEqual({ secureAggregation: false });
  });

  it('counts patients in powers of two where it adds noise', () => {
    expect(parseStudy(STUDY, 'study.yaml').merge.weights).toBe('bucketed');
  });

  it.each([
    ['privacy={mode: record, multiplier: 1}', 'clip'],
    ['privacy={mode: record, clip: 1}', 'either multiplier or epsilon'],
    ['privacy.epsilon=3', 'either multiplier or epsilon'],
    ['privacy={clip: 1}', 'unless privacy.mode is record'],
    ['training.classWeights=balanced', 'none, as privacy.mode is record'],
    ['training.gradientClip=1', '0, as privacy.mode is record'],
    ['training.normalization=federated', 'ranges, as privacy.mode is record'],
    ['modalities.labs.features.chol={}', 'range: [smallest, largest]'],
    ['modalities.labs.features=[chol]', 'range: [smallest, largest]'],
    ['privacy.multiplier=0', 'a number in [0.01, 1000]'],
  ])('refuses %s, saying where', (override, expected) => {
    const { code, message } = refusal([override]);
    expect(code).toBe('STUDY_INVALID');
    expect(message.split('\n')).toHaveLength(1);
    expect(message).toContain(expected);
  });

  it('names the line of a fault', () => {
    const text = STUDY.replace('normalization: ranges', 'normalization: ranges, gradientClip: 5');
    expect(refusal([], text).message).toMatch(/^study\.yaml:6:\d+ training\.gradientClip: expected 0/);
  });

  it.each([
    ['task={kind: survival, time: t, event: e}', 'Cox compares patients'],
    ['task={kind: regression, label: y}', 'computed from the labels'],
  ])('refuses %s under a code of its own', (override, expected) => {
    const { code, message } = refusal([override]);
    expect(code).toBe('DP_TASK_UNSUPPORTED');
    expect(message).toContain(expected);
  });
});
