import { describe, expect, it } from 'vitest';
import type { Labels } from '../../../client/data/cohort.ts';
import type { EncodedCohort } from '../../../client/training/encoded-cohort.ts';
import { initialSiteBias } from '../../../client/training/site-bias.ts';
import type { Task } from '../../../shared/study/study.ts';
import { smallStudy } from '../../helpers/small-study.ts';

/** The bias of a site whose first `train` patients train. */
function bias(task: Task, labels: Labels, train: number, outputs: number): number[] {
  const none = new Int32Array(0);
  const cohort: EncodedCohort = {
    patients: train,
    modalities: new Map(),
    labels,
    parts: { train: Int32Array.from({ length: train }, (_, i) => i), validation: none, test: none },
  };
  return [...initialSiteBias(smallStudy({ task }), cohort, outputs)];
}

const BINARY: Task = { kind: 'binary', label: 'ill' };
const classes = (values: number[], count = 2): Labels => ({
  kind: 'class',
  values: Int32Array.from(values),
  classes: count,
});

describe('initialSiteBias', () => {
  it('is the log-odds of the training prevalence, by Laplace’s rule', () => {
    // 3 ill of 4: log((3 + 1) / (1 + 1)).
    expect(bias(BINARY, classes([1, 1, 1, 0]), 4, 1)[0]).toBeCloseTo(Math.log(2), 6);
  });

  it('looks at training patients only', () => {
    // Of the first two, one is ill: log(2 / 2) = 0. The others would make it positive.
    expect(bias(BINARY, classes([1, 0, 1, 1, 1]), 2, 1)).toEqual([0]);
  });

  it('stays finite at a site of one class, and at one without patients', () => {
    // 0 ill of 3: log(1 / 4). Nobody: log(1 / 1).
    expect(bias(BINARY, classes([0, 0, 0]), 3, 1)[0]).toBeCloseTo(-Math.log(4), 6);
    expect(bias(BINARY, classes([]), 0, 1)).toEqual([0]);
  });

  it('is the log-share of each class around their mean', () => {
    const task: Task = { kind: 'multiclass', label: 'stage', levels: ['a', 'b', 'c'] };
    const logits = bias(task, classes([0, 0, 0, 1], 3), 4, 3);
    // Counts + 1 are 4, 2, 1; the differences of the logs are what the softmax sees.
    expect((logits[0] as number) - (logits[1] as number)).toBeCloseTo(Math.log(2), 6);
    expect((logits[1] as number) - (logits[2] as number)).toBeCloseTo(Math.log(2), 6);
    expect(logits.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
  });

  it('has log-odds for every label by itself', () => {
    const labels: Labels = { kind: 'multilabel', values: Uint8Array.of(1, 0, 1, 0, 1, 1), width: 2 };
    const logits = bias({ kind: 'multilabel', labels: ['x', 'y'] }, labels, 3, 2);
    // x: 3 of 3, log(4 / 1); y: 1 of 3, log(2 / 3).
    expect(logits[0]).toBeCloseTo(Math.log(4), 6);
    expect(logits[1]).toBeCloseTo(Math.log(2 / 3), 6);
  });

  it('is nothing where there are no classes', () => {
    const labels: Labels = { kind: 'regression', values: Float64Array.of(3, 4) };
    expect(bias({ kind: 'regression', label: 'age' }, labels, 2, 1)).toEqual([0]);
  });
});
