import { describe, expect, it } from 'vitest';
import { listByPath, listByRow } from '../../../../client/data/media/list-media.ts';
import type { Table } from '../../../../client/data/table.ts';
import { folderWith } from '../site-folder.ts';

function filesOf(names: readonly string[], pattern: string, patients: readonly string[]) {
  const folder = folderWith(Object.fromEntries(names.map((name) => [name, 'x'])));
  try {
    return listByPath(folder.path, [pattern], patients);
  } finally {
    folder.remove();
  }
}

describe('files by the patient in their path', () => {
  it('are sorted as people count, and those of nobody are counted', () => {
    const found = filesOf(
      ['a/img10.png', 'a/img2.png', 'b/img1.png', 'z/img1.png', 'a/note.txt'],
      '{patient}/*.png',
      ['a', 'b', 'c'],
    );
    expect(found.perPatient).toEqual([['a/img2.png', 'a/img10.png'], ['b/img1.png'], []]);
    expect(found.stray).toBe(1);
  });

  it('belong to the patient whose id fits, wherever it ends', () => {
    const names = ['7_left.png', '7_a_left.png', '7_a_b_left.png'];
    expect(filesOf(names, '{patient}_*.png', ['7']).perPatient[0]).toHaveLength(3);
    expect(filesOf(names, '{patient}_*.png', ['7_a']).perPatient).toEqual([
      ['7_a_b_left.png', '7_a_left.png'],
    ]);
    const inside = filesOf(names, '*_{patient}_*.png', ['a', 'b', 'left']);
    expect(inside).toEqual({ perPatient: [['7_a_left.png'], [], []], stray: 0, ambiguous: 1 });
  });

  it('belong to nobody where two patients fit, and are counted', () => {
    const found = filesOf(['7_a_left.png', '7_left.png'], '{patient}_*.png', ['7', '7_a']);
    expect(found).toEqual({ perPatient: [['7_left.png'], []], stray: 0, ambiguous: 1 });
  });

  it('count once where several patterns find them', () => {
    const folder = folderWith({ 'a/1.png': 'x', 'z/1.png': 'x' });
    try {
      const found = listByPath(folder.path, ['{patient}/*.png', '{patient}/1.*'], ['a']);
      expect(found).toEqual({ perPatient: [['a/1.png']], stray: 1, ambiguous: 0 });
    } finally {
      folder.remove();
    }
  });

  it('are all files below where the pattern ends in **', () => {
    const found = filesOf(['p1/a.dcm', 'p1/deep/er/b.dcm'], '{patient}/**', ['p1', 'deep']);
    expect(found.perPatient).toEqual([['p1/a.dcm', 'p1/deep/er/b.dcm'], []]);
  });

  it('are found in folders of any depth', () => {
    const found = filesOf(['2024/01/p1.dcm', 'p1.dcm'], '**/{patient}.dcm', ['p1']);
    expect(found.perPatient).toEqual([['2024/01/p1.dcm', 'p1.dcm']]);
  });

  it('take what looks like a regular expression as it is written', () => {
    const found = filesOf(['scan(1)+p1.png', 'scan1p1.png'], 'scan(1)+{patient}.png', ['p1']);
    expect(found.perPatient).toEqual([['scan(1)+p1.png']]);
  });
});

describe('files by rows', () => {
  const table: Table = {
    source: 'test',
    rows: 4,
    columns: new Map(),
  };
  const text = (values: readonly (string | undefined)[]) => ({ kind: 'text', values }) as const;

  it('come in the order of another column, and empty cells are passed over', () => {
    const found = listByRow(
      table,
      {
        ids: ['a', 'a', 'b', 'x'],
        value: text(['late.png', 'early.png', undefined, 'x.png']),
        order: text(['2024-02-01', '2024-01-01', '2024-01-01', '2024-01-01']),
      },
      ['a', 'b'],
    );
    expect(found).toEqual({
      perPatient: [['early.png', 'late.png'], []],
      stray: 1,
      ambiguous: 0,
      months: { first: '2024-01', last: '2024-02', rows: 3 },
    });
  });

  it('sort numbers by size, and texts that are numbers too', () => {
    const order = {
      kind: 'number',
      values: Float64Array.of(10, 9, 1, 1),
      isNull: new Uint8Array(4),
    } as const;
    const found = listByRow(
      table,
      { ids: ['a', 'a', 'x', 'x'], value: text(['ten', 'nine', 'c', 'd']), order },
      ['a'],
    );
    expect(found.perPatient).toEqual([['nine', 'ten']]);
    const texts = listByRow(
      table,
      {
        ids: ['a', 'a', 'x', 'x'],
        value: text(['ten', 'nine', 'c', 'd']),
        order: text(['10', '9', '1', '1']),
      },
      ['a'],
    );
    expect(texts.perPatient).toEqual([['nine', 'ten']]);
  });
});
