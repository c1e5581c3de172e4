import type {
  BlockValues,
  SiteTrainer,
  TrainOutcome,
  TrainRequest,
} from '../../client/training/site-trainer.ts';
import { releaseBlock } from '../../client/update/release.ts';
import { type BlockId, SITE_BLOCK } from '../../shared/core/ids.ts';

export interface TinyTrainer extends SiteTrainer {
  /** Every `train` call in order, with copies of what it was given. */
  readonly asked: TrainRequest[];
  /** Times that the scales were handed over. */
  readonly prepared: () => number;
}

/**
 * Trains in one line: every weight moves by `round`/8 (exact in float32), in the blocks of the round and in those of the
 * site alike. The site block starts at 0.
 * @param instead what to do in some rounds instead; undefined trains.
 */
export function tinyTrainer(
  instead: (request: TrainRequest) => TrainOutcome | undefined = () => undefined,
): TinyTrainer {
  const asked: TrainRequest[] = [];
  let prepared = 0;
  return {
    asked,
    prepared: () => prepared,
    async prepare() {
      prepared++;
    },
    async train(request) {
      asked.push({ ...request, blocks: copied(request.blocks), local: copied(request.local) });
      const other = instead(request);
      if (other !== undefined) return other;
      const move = (values: Float32Array) => values.map((value) => value + request.round / 8);
      const updates = [...request.release].map(([block, terms]) => {
        const before = request.blocks.get(block) as Float32Array;
        return releaseBlock({ block, before, after: move(before), steps: 1 }, { ...terms, perStep: false });
      });
      const start = new Map<BlockId, Float32Array>([[SITE_BLOCK, Float32Array.of(0)], ...request.local]);
      const local = new Map([...start].map(([id, values]) => [id, move(values)]));
      return { updates, local, loss: 1 / request.round, patients: 10, dropped: 0 };
    },
    evaluate: async ({ subsets }) => subsets.map(() => undefined),
    score: async () => [],
  };
}

function copied(blocks: BlockValues): BlockValues {
  return new Map([...blocks].map(([id, values]) => [id, values.slice()]));
}
