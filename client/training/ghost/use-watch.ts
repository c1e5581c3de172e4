import { type Tensor, tf } from '../../../shared/compute/tf.ts';
import type { ParameterUse, WatchRows } from '../../../shared/model/layer-watch.ts';

/** A use of a parameter, with the patient of each of its rows. */
export interface PatientUse {
  readonly positions: Int32Array;
  readonly use: ParameterUse<Tensor>;
}

/** Gathers the uses that one backward pass tells of. Their tensors are kept until `dispose`. */
export interface UseWatch {
  readonly rows: WatchRows<Tensor>;
  /** A scalar of 0 by which to differentiate: every watched value depends on it, and nothing before the first does. */
  readonly root: Tensor;
  readonly uses: readonly PatientUse[];
  dispose(): void;
}

export function useWatch(): UseWatch {
  const root = tf.keep(tf.scalar(0));
  const uses: PatientUse[] = [];

  function tell(positions: Int32Array, told: readonly ParameterUse<Tensor>[]): void {
    for (const use of told) {
      const slopes = tf.keep(tf.clone(use.slopes));
      if ('inputs' in use) {
        uses.push({ positions, use: { ...use, slopes, inputs: tf.keep(tf.clone(use.inputs)) } });
      } else uses.push({ positions, use: { ...use, slopes } });
    }
  }

  return {
    root,
    uses,
    rows: (positions) => ({
      tell: (told) => tell(positions, told),
      probe(y, kept, usesOf) {
        const probe = tf.customGrad((...args) => {
          const save = args.at(-1) as (tensors: Tensor[]) => void;
          save([...kept]);
          return {
            value: tf.clone(args[0] as Tensor),
            gradFunc: (dy, saved) => {
              tell(positions, usesOf(dy, saved));
              return [tf.clone(dy), tf.zerosLike(root)];
            },
          };
        });
        return probe(y, root) as typeof y;
      },
    }),
    dispose() {
      root.dispose();
      for (const { use } of uses) {
        use.slopes.dispose();
        if ('inputs' in use) use.inputs.dispose();
      }
    },
  };
}
