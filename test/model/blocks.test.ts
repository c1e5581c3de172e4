import { describe, expect, it } from 'vitest';
import { modalityId } from '../../shared/core/ids.ts';
import { initialBlocks, outputsOf, studyLayouts } from '../../shared/model/blocks.ts';
import { buildNetwork } from '../../shared/model/network.ts';
import { tensorValues } from '../../shared/tensor/block.ts';
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
