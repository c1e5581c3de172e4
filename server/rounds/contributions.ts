import { type BlockId, type ContentHash, JOINT_BLOCK, type SiteId } from '../../shared/core/ids.ts';
import type { BlockReport, RoundReport } from '../../shared/protocol/round-report.ts';
import type { RevealedBlock } from './revealed-sums.ts';
import type { AgreedFacts, Answer, OpenRound } from './round-state.ts';

/** Who brought what to a round, for its report. */
export interface RoundContributions {
  of(block: BlockId): Pick<BlockReport, 'contributors' | 'clipped' | 'saturated'>;
  readonly missing: RoundReport['missing'];
  readonly loss: number | undefined;
  /** Secure aggregation: why no sum of the block was revealed. */
  notRevealed(block: BlockId): string | undefined;
}

/** What the secure sessions of a round revealed. */
export interface Revealed {
  /** TH of the last session; undefined where it did not come to its end. */
  readonly transcript: ContentHash | undefined;
  /** By the first sum. */
  readonly blocks: ReadonlyMap<BlockId, RevealedBlock>;
  /** Why there is nothing to merge of a block. */
  readonly reasons: ReadonlyMap<BlockId, string>;
}

export function openContributions(facts: AgreedFacts, open: OpenRound): RoundContributions {
  return {
    of(block) {
      const parts = accepted(open).flatMap(([site, { blocks }]) =>
        blocks.filter((part) => part.block === block).map((part) => ({ site, part })),
      );
      return {
        contributors: parts.map(({ site }) => site),
        clipped: parts.filter(({ part }) => part.clipped).length,
        saturated: parts.filter(({ part }) => part.saturated > 0).length,
      };
    },
    missing: missingSites(open, ({ kind }) => kind === 'accepted'),
    loss: meanLoss(facts, open),
    notRevealed: () => undefined,
  };
}

/** The masks hide who saturated a coordinate; the loss is that of the joint block, weighted as its deltas are. */
export function maskedContributions(open: OpenRound, { blocks, reasons }: Revealed): RoundContributions {
  const survivors = new Set([...blocks.values()].flatMap((block) => block.survivors));
  return {
    of(block) {
      const revealed = blocks.get(block);
      return {
        contributors: revealed?.survivors ?? [],
        clipped: revealed?.header.clipped ?? 0,
        saturated: 0,
      };
    },
    missing: missingSites(open, (_answer, site) => survivors.has(site)),
    loss: blocks.get(JOINT_BLOCK)?.header.loss,
    notRevealed: (block) => reasons.get(block),
  };
}

function missingSites(
  open: OpenRound,
  isThere: (answer: Answer, site: SiteId) => boolean,
): RoundReport['missing'] {
  return [...open.plan.sites.keys()].sort().flatMap((site) => {
    const answer = open.answers.get(site);
    if (answer !== undefined && isThere(answer, site)) return [];
    return [{ site, reason: answer?.kind === 'missing' ? answer.reason : ('vanished' as const) }];
  });
}

function meanLoss(facts: AgreedFacts, open: OpenRound): number | undefined {
  let [loss, patients] = [0, 0];
  for (const [site, answer] of accepted(open)) {
    const count = facts.declarations.get(site)?.patients ?? 0;
    loss += count * answer.loss;
    patients += count;
  }
  return patients > 0 ? loss / patients : undefined;
}

/** In order of site id, so that float sums do not depend on the order of arrival. */
function accepted(open: OpenRound): [SiteId, Extract<Answer, { readonly kind: 'accepted' }>][] {
  return [...open.answers.entries()]
    .flatMap(([site, answer]): [SiteId, Extract<Answer, { readonly kind: 'accepted' }>][] =>
      answer.kind === 'accepted' ? [[site, answer]] : [],
    )
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
