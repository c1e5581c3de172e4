import { describe, expect, it } from 'vitest';
import { modalityId } from '../../shared/core/ids.ts';
import { initialBlocks, outputsOf, studyLayouts } from '../../shared/model/blocks.ts';
import { buildNetwork } from '../../shared/model/network.ts';
import type { Modality } from '../../shared/study/study.ts';
import { type Block, type TensorSpec, tensorValues } from '../../shared/tensor/block.ts';
import { MODALITIES, MULTICLASS, studyOf } from './fixtures.ts';

const ALL = Object.values(MODALITIES);

describe('studyLayouts', () => {
  it('has a block per modality, the joint one and the bias of the site', () => {
    const study = studyOf({ modalities: [MODALITIES.labs, MODALITIES.fundus], model: { siteBias: true } });
    expect([...studyLayouts(study).keys()]).toEqual(['encoder:fundus', 'encoder:labs', 'joint', 'site']);
  });

  it('ends an encoder with its evidence head and its precision', () => {
    const layout = studyLayouts(studyOf({ modalities: [MODALITIES.vector], task: MULTICLASS }));
    expect(layout.get('encoder:vector' as never)?.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['embedding/kernel', [5, 4]],
      ['embedding/bias', [4]],
      ['evidence/kernel', [4, 3]],
      ['evidence/bias', [3]],
      ['precision', [1]],
    ]);
  });

  it('names the tensors of one block per stage as in the first release, and adds blocks behind them', () => {
    const namesOf = (modality: Modality) =>
      [...studyLayouts(studyOf({ modalities: [modality] })).values()]
        .flatMap(({ id, tensors }) => (id === 'joint' ? [] : tensors))
        .map(({ name, shape }) => `${name} ${shape.join('x')}`);
    const first = (kernel: string, channels: number, filters: number) => [
      `first/kernel ${kernel}x${channels}x${filters}`,
      `first/scale ${filters}`,
      `first/offset ${filters}`,
      `second/kernel ${kernel}x${filters}x${filters}`,
      `second/scale ${filters}`,
      `second/offset ${filters}`,
    ];
    const stage = (i: number, names: readonly string[]) => names.map((name) => `stage-${i}/${name}`);
    const heads = (width: number) => [
      `embedding/kernel ${width}x4`,
      'embedding/bias 4',
      'evidence/kernel 4x1',
      'evidence/bias 1',
      'precision 1',
    ];
    expect(namesOf(MODALITIES.fundus)).toEqual([
      ...stage(0, [...first('3x3', 1, 4), 'shortcut/kernel 2x2x1x4']),
      ...stage(1, [...first('3x3', 4, 8), 'shortcut/kernel 2x2x4x8']),
      ...heads(8),
    ]);
    const more = first('1x7', 4, 4).map((name) => `block-1/${name}`);
    const deep = { ...MODALITIES.rhythm, recurrent: false, depth: 2 };
    expect(namesOf(deep)).toEqual([
      ...stage(0, [...first('1x7', 2, 4), 'shortcut/kernel 1x2x2x4', ...more]),
      ...heads(4),
    ]);
  });

  it('starts a deeper encoder with the weights of the shallower one', () => {
    const of = (depth: number) =>
      initialBlocks(studyOf({ modalities: [{ ...MODALITIES.fundus, depth }] }))[0] as Block;
    const [one, two] = [of(1), of(2)];
    for (const spec of one.layout.tensors) {
      const same = two.layout.tensors.find(({ name }) => name === spec.name) as TensorSpec;
      expect(tensorValues(two, same)).toEqual(tensorValues(one, spec));
    }
  });

  it('has no empty block, whatever the fusion, the task and the width of the joint head', () => {
    for (const fusion of ['evidence', 'mean', 'attention'] as const) {
      for (const jointHidden of [0, 3]) {
        const task = { kind: 'survival', time: 't', event: 'e' } as const;
        const layouts = studyLayouts(
          studyOf({ modalities: ALL, task, model: { fusion, jointHidden, siteBias: true } }),
        );
        expect([...layouts.values()].filter((layout) => layout.size === 0)).toEqual([]);
        // b_k is dropped for survival, whatever the study says.
        expect([...layouts.keys()]).not.toContain('site');
      }
    }
  });

  it('is the same for a site that holds one modality as for the coordinator', () => {
    const study = studyOf({ modalities: ALL, model: { jointHidden: 3, siteBias: true } });
    const all = studyLayouts(study);
    const own = buildNetwork(study, [modalityId('note')]).layouts;
    expect([...own.keys()]).toEqual(['encoder:note', 'joint', 'site']);
    for (const [id, layout] of own) expect(layout).toEqual(all.get(id));
  });
});

describe('initialBlocks', () => {
  it('starts from the same bits twice, and from others with another seed', () => {
    const study = studyOf({ modalities: ALL });
    expect(initialBlocks(study)).toEqual(initialBlocks(study));
    const [block] = initialBlocks(study);
    const [other] = initialBlocks(studyOf({ modalities: ALL, seed: 8 }));
    expect(block?.values).not.toEqual(other?.values);
  });

  it('starts an encoder alike, whichever other modalities the study has', () => {
    const alone = initialBlocks(studyOf({ modalities: [MODALITIES.labs] }));
    const beside = initialBlocks(studyOf({ modalities: ALL }));
    const find = (blocks: typeof alone) => blocks.find((block) => block.layout.id === 'encoder:labs')?.values;
    expect(find(alone)).toEqual(find(beside));
  });

  it('starts precisions where softplus is 1, biases at 0 and kernels with the deviation of their layer', () => {
    const wide = { ...MODALITIES.vector, width: 200, hidden: [100] };
    const blocks = initialBlocks(studyOf({ modalities: [wide], model: { siteBias: true } }));
    const values = new Map(
      blocks.flatMap((block) =>
        block.layout.tensors.map((spec) => [spec.name, tensorValues(block, spec)] as const),
      ),
    );
    expect(Math.log1p(Math.exp(values.get('precision')?.[0] ?? Number.NaN))).toBeCloseTo(1, 6);
    expect(values.get('bias')).toEqual(Float32Array.of(0));
    // He: variance 2 / 200 before a ReLU.
    const kernel = values.get('hidden-0/kernel') ?? new Float32Array();
    const variance = kernel.reduce((sum, value) => sum + value ** 2, 0) / kernel.length;
    expect(kernel.length).toBe(20_000);
    expect(variance).toBeGreaterThan(0.0096);
    expect(variance).toBeLessThan(0.0104);
  });
});

describe('outputsOf', () => {
  it('is one per class or label, and one for the rest', () => {
    expect(outputsOf(MULTICLASS)).toBe(3);
    expect(outputsOf({ kind: 'multilabel', labels: ['a', 'b'] })).toBe(2);
    expect(outputsOf({ kind: 'survival', time: 't', event: 'e' })).toBe(1);
  });
});
