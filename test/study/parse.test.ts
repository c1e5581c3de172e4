import { describe, expect, it } from 'vitest';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { studyJsonSchema } from '../../shared/study/json-schema.ts';
import { parseStudy } from '../../shared/study/parse.ts';

const MINIMAL = `study: small
task: { kind: binary, label: y }
modalities:
  labs: { kind: tabular, features: { chol: {} } }
  xray: { kind: image, height: 32, width: 32 }
`;

/** The message of the refusal, one fault a line. */
function faultsOf(text: string, overrides: readonly string[] = []): string[] {
  try {
    parseStudy(text, 'study.yaml', overrides);
  } catch (error) {
    expect(error).toBeInstanceOf(ConsiliumError);
    expect((error as ConsiliumError).code).toBe('STUDY_INVALID');
    return (error as ConsiliumError).message.split('\n');
  }
  return [];
}

describe('parseStudy', () => {
  it('fills in the defaults that the design states', () => {
    const study = parseStudy(MINIMAL, 'study.yaml');
    expect(study).toMatchObject({
      id: 'small',
      title: 'small',
      model: { fusion: 'evidence', embedding: 8, jointHidden: 0, siteBias: true },
      training: {
        duration: { kind: 'epochs', count: 2 },
        optimizer: { kind: 'adam', learningRate: 0.005 },
        modalityDropout: 0.3,
        unimodalLoss: 0.5,
        divergence: 0,
        proximal: 0,
        normalization: 'federated',
      },
      merge: {
        weightExponent: 1,
        weights: 'exact',
        rarityExponent: { from: 0.5, to: 0.5 },
        server: { kind: 'fedavg' },
        robust: { kind: 'mean' },
        clip: { default: 10, blocks: new Map() },
        minHolders: 2,
        minPatients: 50,
      },
      privacy: { secureAggregation: false },
      evaluation: { minCell: 11, subsets: 'all', choose: 'last' },
    });
    expect(study.modalities.map(({ id }) => id)).toEqual(['labs', 'xray']);
    expect(study.modalities[0]).toMatchObject({ hidden: [16], features: [{ kind: 'numeric', missing: [] }] });
  });

  it('has no site bias for survival and regression, and buckets weights under secure aggregation', () => {
    const survival = parseStudy(MINIMAL, 's', ['task={kind: survival, time: t, event: e}']);
    expect(survival.model.siteBias).toBe(false);
    const secure = parseStudy(MINIMAL, 's', ['privacy.secureAggregation=true']);
    expect(secure.merge).toMatchObject({ weights: 'bucketed', minHolders: 3 });
  });

  it('reads which encoders start from weights, and leaves the setting away where none does', () => {
    const sha256 = 'a'.repeat(64);
    const study = parseStudy(MINIMAL, 's', [
      `model.pretrained={encoder:xray: {file: w/x.bin, sha256: ${sha256}}}`,
    ]);
    expect(study.model.pretrained).toEqual(new Map([['encoder:xray', { file: 'w/x.bin', sha256 }]]));
    const without = parseStudy(MINIMAL, 's', ['model.pretrained={}']);
    expect(Object.keys(without.model)).not.toContain('pretrained');
  });

  it('keeps the features in the order of the file and sorts the modalities', () => {
    const study = parseStudy(
      'study: s\ntask: {kind: binary, label: y}\nmodalities:\n  b: {kind: tabular, features: [z, a, m]}\n  a: {kind: embedding, width: 4}\n',
      's',
    );
    expect(study.modalities.map(({ id }) => id)).toEqual(['a', 'b']);
    const table = study.modalities[1];
    expect(table?.kind === 'tabular' && table.features.map(({ name }) => name)).toEqual(['z', 'a', 'm']);
  });

  it('judges every modality alone and all together by default where there are more than five', () => {
    const six = Array.from({ length: 6 }, (_, i) => `  m${i}: {kind: embedding, width: 4}`).join('\n');
    const study = parseStudy(`study: s\ntask: {kind: binary, label: y}\nmodalities:\n${six}\n`, 's');
    expect(study.evaluation.subsets).toHaveLength(7);
  });

  it('reports five faults, of the schema and across sections, as five lines with their places', () => {
    const text = `study: Five
task: { kind: binary, label: y }
modalities:
  xray: { kind: foo }
  labs: { kind: tabular, features: { chol: { range: [300, 100] } } }
training: { epoch: 3 }
evaluation:
  subsets: [[labs], [lab]]
`;
    expect(faultsOf(text)).toEqual([
      'study.yaml:1:8 study: expected 1-64 of a-z, 0-9 and -, not starting with -, got "Five"',
      'study.yaml:4:17 modalities.xray.kind: expected one of tabular, image, signal, text or embedding, got "foo"',
      'study.yaml:5:53 modalities.labs.features.chol.range: expected smallest < largest, got [300, 100]',
      expect.stringMatching(
        /^study\.yaml:6:13 training\.epoch: expected one of .*, got "epoch" \(did you mean "epochs"\?\)$/,
      ),
      'study.yaml:8:22 evaluation.subsets[1][0]: expected a modality of this study (xray or labs), got "lab" (did you mean "labs"?)',
    ]);
  });

  it('names the flag of a fault that a flag brought in', () => {
    expect(faultsOf(MINIMAL, ['training.rounds=many', 'merge.robust.kind=krum'])).toEqual([
      '--set merge.robust.kind=krum merge.robust.kind: expected one of mean, median, trimmed-mean, geometric-median or multi-krum, got "krum"',
      '--set training.rounds=many training.rounds: expected a whole number from 1 to 1000000, got "many"',
    ]);
  });

  const WEIGHTS = `{file: w, sha256: ${'a'.repeat(64)}}`;
  const SECURE = 'privacy.secureAggregation=true';
  it.each<[string, string[], string]>([
    ['a feature that is the label', ['modalities.labs.features={Y: {}}'], 'no feature that is the label'],
    ['features that differ in case only', ['modalities.labs.features={a: {}, A: {}}'], 'each feature once'],
    ['a feature twice in a list', ['modalities.labs.features=[a, a]'], 'each feature once'],
    [
      'a feature whose name is a number',
      ['modalities.labs.features={a: {}, "12": {}}'],
      'not a plain number',
    ],
    [
      'a feature with levels and a unit',
      ['modalities.labs.features.c={levels: [0, 1], unit: g}'],
      'levels or missing',
    ],
    [
      'levels that a table cannot tell apart',
      ['modalities.labs.features.c.levels=[1, "1"]'],
      'each value once',
    ],
    [
      'a missing code that is a level',
      ['modalities.labs.features.c={levels: [0, 1], missing: [0]}'],
      'no level',
    ],
    ['no modality', ['modalities={}'], 'at least one entry'],
    ['no feature', ['modalities.labs.features={}'], 'at least one entry'],
    ['an unknown modality in a subset', ['evaluation.subsets=[[ct]]'], 'a modality of this study'],
    ['a subset twice', ['evaluation.subsets=[[labs, xray], [xray, labs]]'], 'each subset once'],
    ['a modality twice in a subset', ['evaluation.subsets=[[labs, labs]]'], 'each value once'],
    ['an empty subset', ['evaluation.subsets=[[]]'], 'length at least 1'],
    ['all subsets of too many', ['evaluation.subsets=all', ...many(6)], 'more than 5 modalities'],
    ['a split that leaves nobody', ['evaluation.split={test: .6, validation: .4}'], 'test + validation < 1'],
    [
      'choice by an empty part',
      ['evaluation={choose: best-validation, split: {validation: 0}}'],
      'validation part is empty',
    ],
    [
      'a trim that two holders cannot bear',
      ['merge.robust={kind: trimmed-mean}'],
      'minHolders of at least 3',
    ],
    [
      'multi-Krum below its bound',
      ['merge={minHolders: 4, robust: {kind: multi-krum}}'],
      'minHolders of at least 5',
    ],
    [
      'more means than holders bear',
      ['merge={minHolders: 5, robust: {kind: geometric-median, iterations: 4}}'],
      'minHolders of at least 6',
    ],
    ['FedNova with a median', ['merge={fedNova: true, robust: {kind: median}}'], 'false with robust merging'],
    ['a median under secure aggregation', [SECURE, 'merge.robust.kind=median'], 'shows sums only'],
    ['two holders under secure aggregation', [SECURE, 'merge.minHolders=2'], 'at least 3 with secure'],
    ['a clip of an unknown block', ['merge.clip.blocks={encoder:ct: 1}'], 'a modality of this study'],
    ['a clip of the block that never leaves', ['merge.clip.blocks={site: 1}'], 'joint or encoder:<modality>'],
    [
      'weights for an unknown encoder',
      [`model.pretrained={encoder:ct: ${WEIGHTS}}`],
      'a modality of this study',
    ],
    ['weights for the joint block', [`model.pretrained={joint: ${WEIGHTS}}`], 'encoder:<modality>'],
    [
      'weights elsewhere',
      [`model.pretrained={encoder:xray: ${WEIGHTS.replace('w', '../w')}}`],
      'beside the study',
    ],
    ['weights without a hash', ['model.pretrained={encoder:xray: {file: w}}'], '64 hexadecimal digits'],
    ['epochs and steps', ['training={epochs: 1, steps: 2}'], 'either epochs or steps'],
    [
      'a site bias for regression',
      ['task={kind: regression, label: y}', 'model.siteBias=true'],
      'false, as the task',
    ],
    [
      'class weights for survival',
      ['task={kind: survival, time: t, event: e}', 'training.classWeights=balanced'],
      'none, as',
    ],
    ['time that is the event', ['task={kind: survival, time: t, event: t}'], 'another column than task.time'],
    ['one class', ['task={kind: multiclass, label: y, levels: [a]}'], 'length at least 2'],
    ['a text with too few buckets', ['modalities.note={kind: text, buckets: 1}'], 'from 16 to'],
    [
      'an image too small for its stages',
      ['modalities.xray={kind: image, height: 4, width: 4, filters: [1, 1, 1]}'],
      '8 for 3 stages',
    ],
    ['a group by the label', ['evaluation.groups={y: {}}'], 'no column that is the label'],
    ['bands that descend', ['evaluation.groups.age.bands=[65, 50]'], 'ascending'],
    ['infinity', ['training.proximal=.inf'], 'a number in [0, 1000000]'],
    ['not a number', ['training.modalityDropout=.nan'], 'a number in [0, 1)'],
    ['dropping everything', ['training.modalityDropout=1'], 'a number in [0, 1)'],
  ])('refuses %s in one line', (_, overrides, expected) => {
    const faults = faultsOf(MINIMAL, overrides);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(expected);
  });

  it.each([
    ['an empty file', '', 'study.yaml:1:1: expected a mapping, got nothing'],
    ['a list', '- a\n', 'study.yaml:1:1: expected a mapping, got a list of 1'],
    [
      'an alias of nothing',
      'a: &a [x]\nb: *c\n',
      'study.yaml:2:4 b: expected an alias of an anchor above, got "c"',
    ],
  ])('refuses %s with a place', (_, text, expected) => {
    expect(faultsOf(text).join('\n')).toContain(expected);
  });

  it('answers a hostile file within seconds and a hundred lines', () => {
    const hostile = [
      Array.from({ length: 20_000 }, (_, i) => `k${i}: x`).join('\n'),
      `${MINIMAL}  t:\n    kind: tabular\n    features:\n${Array.from({ length: 10_000 }, (_, i) => `      f${i}: 5`).join('\n')}`,
      `${MINIMAL}  t: {kind: tabular, features: [${'a, '.repeat(10_000)}b]}`,
      `study: [${'{a: '.repeat(400)}`,
      `task: ${'- '.repeat(20_000)}`,
      `task: "${'\\n'.repeat(200_000)}"`,
    ];
    for (const text of hostile) expect(faultsOf(text).length).toBeLessThanOrEqual(101);
  }, 20_000);

  it('describes itself to editors', () => {
    const schema = studyJsonSchema() as { properties: object; required: string[] };
    expect(Object.keys(schema.properties)).toContain('modalities');
    expect(schema.required).toEqual(['study', 'task', 'modalities']);
  });
});

function many(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `modalities.m${i}={kind: embedding, width: 2}`);
}
