import type { Labels } from './cohort.ts';

/** The labels of the patients at `indices`, in that order. */
export function selectLabels(labels: Labels, indices: ArrayLike<number>): Labels {
  const chosen = Int32Array.from(indices);
  switch (labels.kind) {
    case 'class':
      return { ...labels, values: chosen.map((i) => labels.values[i] as number) };
    case 'multilabel': {
      const { width } = labels;
      const values = new Uint8Array(chosen.length * width);
      chosen.forEach((from, to) => {
        values.set(labels.values.subarray(from * width, (from + 1) * width), to * width);
      });
      return { ...labels, values };
    }
    case 'regression':
      return { ...labels, values: Float64Array.from(chosen, (i) => labels.values[i] as number) };
    case 'survival':
      return {
        ...labels,
        time: Float64Array.from(chosen, (i) => labels.time[i] as number),
        event: Uint8Array.from(chosen, (i) => labels.event[i] as number),
      };
  }
}
