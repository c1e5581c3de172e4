import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../shared/crypto/hash.ts';
import { canonicalJson } from '../../shared/study/canonical.ts';
import { studyHash } from '../../shared/study/hash.ts';
import { parseStudy } from '../../shared/study/parse.ts';

const FILE = {
  study: 'hashed',
  task: { kind: 'binary', label: 'y' },
  modalities: {
    labs: {
      kind: 'tabular',
      features: { a: { unit: 'g', range: [0, 9], missing: [-1] }, b: { levels: [0, 1] } },
    },
    note: { kind: 'text' },
    ecg: { kind: 'signal', samples: 64, channels: 1, rateHz: 50 },
    xray: { kind: 'image', height: 16, width: 16 },
    vector: { kind: 'embedding', width: 4 },
  },
  evaluation: { groups: { age: { bands: [50] } } },
};
const hashOf = (text: string, overrides: readonly string[] = []) =>
  studyHash(parseStudy(text, 'f', overrides));
const BASE = hashOf(JSON.stringify(FILE));

describe('studyHash', () => {
  it('is what it was in the first release', () => {
    // Recorded once: whoever changes it makes every approved study another one, and moves the number in DOMAIN.
    expect(
      hashOf('study: a\ntask: {kind: binary, label: y}\nmodalities: {m: {kind: embedding, width: 2}}\n'),
    ).toBe('65b4e02529b7f735fc8608bb5e011975d487105033725a2a86504cddb084a824');
  });

  it('does not depend on the order of keys, except of features', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (stream) => {
        const shuffled = JSON.stringify(FILE, (key, value: unknown) =>
          key === 'features' ? value : shuffle(value, stream),
        );
        expect(hashOf(shuffled)).toBe(BASE);
      }),
      { numRuns: 50 },
    );
    const { a, b } = FILE.modalities.labs.features;
    const swapped = {
      ...FILE,
      modalities: { ...FILE.modalities, labs: { kind: 'tabular', features: { b, a } } },
    };
    expect(hashOf(JSON.stringify(swapped))).not.toBe(BASE);
  });

  it('does not depend on layout, comments or spelled-out defaults', () => {
    expect(hashOf(`# a comment\n${JSON.stringify(FILE, null, 2)} # another\n`)).toBe(BASE);
    const spelled = [
      'title=hashed',
      'seed=0x2A',
      'training.epochs=2',
      'training.batch=32.0',
      'training.optimizer={kind: adam}',
      'merge.rarityExponent={from: .50, to: 0.5}',
      'merge.clip={default: 10, blocks: {}}',
      'merge.minHolders=2',
      'model.siteBias=true',
      'model.encoder.hidden=',
      'modalities.labs.hidden=[16]',
      'evaluation.subsets=all',
      'evaluation.groups.age.column=age',
      'notes=[]',
    ];
    for (const override of spelled) expect(hashOf(JSON.stringify(FILE), [override]), override).toBe(BASE);
    expect(hashOf(JSON.stringify(FILE), spelled)).toBe(BASE);
  });

  it('changes with every setting, each in its own way', () => {
    const changes = [
      'study=other',
      'title=Other',
      'seed=43',
      'task.label=z',
      'task={kind: regression, label: y}',
      'task={kind: regression, label: y, unit: d}',
      'task={kind: multilabel, labels: [y, z]}',
      'task={kind: survival, time: t, event: e}',
      'task={kind: multiclass, label: y, levels: [0, 1]}',
      'task={kind: multiclass, label: y, levels: ["0", "1"]}',
      'modalities.labs.features.a.unit=mg',
      'modalities.labs.features.a.range=[0, 8]',
      'modalities.labs.features.a.missing=[-2]',
      'modalities.labs.features.b.levels=[1, 0]',
      'modalities.labs.features.b.missing=[9]',
      'modalities.labs.hidden=[17]',
      'modalities.note.tokens=64',
      'modalities.note.buckets=64',
      'modalities.note.filters=[4]',
      'modalities.ecg.samples=65',
      'modalities.ecg.channels=2',
      'modalities.ecg.rateHz=51',
      'modalities.ecg.recurrent=true',
      'modalities.ecg.filters=[4]',
      'modalities.xray.height=17',
      'modalities.xray.width=17',
      'modalities.xray.channels=1',
      'modalities.xray.filters=[4]',
      'modalities.vector.width=5',
      'modalities.vector.hidden=[4]',
      'modalities.vector=',
      'model.fusion=mean',
      'model.embedding=9',
      'model.encoder.filters=[5]',
      'model.jointHidden=4',
      'model.siteBias=false',
      'training.rounds=31',
      'training.epochs=3',
      'training.steps=2',
      'training.batch=33',
      'training.optimizer.kind=sgd',
      'training.optimizer={kind: sgd, momentum: .9}',
      'training.optimizer={kind: adam, learningRate: .01}',
      'training.optimizer={kind: adam, beta1: .8}',
      'training.optimizer={kind: adam, beta2: .99}',
      'training.optimizer={kind: adam, epsilon: 1e-7}',
      'training.weightDecay=.01',
      'training.gradientClip=1',
      'training.modalityDropout=.2',
      'training.unimodalLoss=.4',
      'training.divergence=.1',
      'training.proximal=.1',
      'training.classWeights=balanced',
      'training.normalization=site',
      'merge.weightExponent=.5',
      'merge.weights=uniform',
      'merge.rarityExponent=1',
      'merge.rarityExponent={from: .5, to: 1}',
      'merge.learningRate=.5',
      'merge.server={kind: fedavgm}',
      'merge.server={kind: fedadam}',
      'merge.server={kind: fedyogi}',
      'merge.server={kind: fedadagrad}',
      'merge.server={kind: fedadam, tau: .01}',
      'merge.fedNova=true',
      'merge.robust.kind=median',
      'merge={minHolders: 5, robust: {kind: geometric-median}}',
      'merge={minHolders: 5, robust: {kind: geometric-median, iterations: 2}}',
      'merge={minHolders: 5, robust: {kind: geometric-median, smoothing: .1}}',
      'merge.clip=11',
      'merge.clip.blocks={encoder:labs: 1}',
      'merge.clip.blocks={joint: 1}',
      'merge.minHolders=3',
      'merge.minPatients=51',
      'privacy.secureAggregation=true',
      'evaluation.split.test=.3',
      'evaluation.split.validation=.2',
      'evaluation.subsets=[[labs]]',
      'evaluation.every=2',
      'evaluation.choose=best-validation',
      'evaluation.minCell=12',
      'evaluation.groups.age.bands=[51]',
      'evaluation.groups.age.column=years',
      'evaluation.groups.sex={}',
      'notes=x',
    ];
    const hashes = changes.map((change) => hashOf(JSON.stringify(FILE), [change]));
    expect(new Set([BASE, ...hashes]).size).toBe(changes.length + 1);
  });
});

describe('canonicalJson', () => {
  it('spells equal values equally and others differently', () => {
    expect(
      canonicalJson(
        new Map([
          ['b', 1],
          ['a', 2],
        ]),
      ),
    ).toBe('{"a":2,"b":1}');
    expect(canonicalJson({ b: 1e21, a: [0.1, -0, 'ü', null, true], gone: undefined })).toBe(
      '{"a":[0.1,0,"ü",null,true],"b":1e+21}',
    );
  });

  it('refuses what has no stable spelling', () => {
    for (const value of [Number.NaN, Infinity, undefined, new Date(0), new Set(), 1n, new Float32Array(1)]) {
      expect(() => canonicalJson([value])).toThrow(TypeError);
    }
  });

  it('agrees with JSON.parse: nothing is lost', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(sha256(canonicalJson(JSON.parse(canonicalJson(value))))).toBe(sha256(canonicalJson(value)));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

/** The same mapping with its keys in another order. */
function shuffle(value: unknown, stream: Iterator<number>): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const keyed = Object.entries(value).map((entry) => [stream.next().value as number, entry] as const);
  return Object.fromEntries(keyed.sort(([a], [b]) => a - b).map(([, entry]) => entry));
}
