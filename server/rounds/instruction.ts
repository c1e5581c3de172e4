import {
  type BlockId,
  type ContentHash,
  modalityId,
  modalityOf,
  type SiteId,
} from '../../shared/core/ids.ts';
import { clipOf } from '../../shared/merge/plain-mean.ts';
import type { Declaration, Instruction } from '../../shared/protocol/messages.ts';
import type { ModelBlocks } from '../../shared/protocol/model-hash.ts';
import type { Study } from '../../shared/study/study.ts';
import type { CoordinatorSession } from '../secagg/session.ts';
import { taskFor } from '../secagg/tasks.ts';
import type { StudyState } from './round-state.ts';

/** What `site` should do now; undefined: wait. Pure, so a site that asks again hears the same. */
export function instructionFor(
  state: StudyState,
  site: SiteId,
  { study, session }: { readonly study: Study; readonly session: CoordinatorSession | undefined },
): Instruction | undefined {
  switch (state.phase) {
    case 'declaring':
      if (state.secure !== undefined) return taskIn(session, site);
      return state.facts.declarations.has(site) ? undefined : { kind: 'census' };
    case 'training': {
      const { plan, answers } = state.open;
      const own = plan.sites.get(site);
      if (own === undefined || answers.has(site)) return undefined;
      const { model, census } = state.facts;
      return {
        kind: 'train',
        round: plan.round,
        blocks: pick(plan.asked, [...own.shares.keys()]),
        solo: pick(model.blocks, own.solo),
        // Under masks the coordinator knows no site's weight, and each works out its own.
        weights: study.privacy.secureAggregation ? new Map() : own.shares,
        clips: new Map([...own.shares.keys()].map((block) => [block, clipOf(study.merge, block)])),
        census,
      };
    }
    case 'securing': {
      return taskIn(session, site);
    }
    case 'evaluating': {
      const { plan, answers, secure } = state.open;
      if (secure !== undefined) return taskIn(session, site);
      if (!plan.sites.includes(site) || answers.has(site)) return undefined;
      const declaration = state.facts.declarations.get(site);
      return {
        kind: 'evaluate',
        round: plan.round,
        part: plan.part,
        subsets: plan.subsets.map((subset) => subset.map(modalityId)),
        blocks: new Map([...plan.blocks].filter(([block]) => isUsedAt(declaration, block))),
        census: state.facts.census,
      };
    }
    case 'finished':
      return { kind: 'finished', reason: state.ending.kind };
    case 'empty':
    case 'idle':
    case 'merging':
      return undefined;
  }
}

function taskIn(session: CoordinatorSession | undefined, site: SiteId): Instruction | undefined {
  const task = session && taskFor(session, site);
  if (session === undefined || task === undefined) return undefined;
  return { kind: 'secure', round: session.context.round, session: session.session, task };
}

/** A site with too few patients to train an encoder may still have patients to use it for. */
function isUsedAt(declaration: Declaration | undefined, block: BlockId): boolean {
  const modality = modalityOf(block);
  return modality === undefined || declaration?.modalityPatients.has(modality) === true;
}

function pick(from: ModelBlocks, blocks: readonly BlockId[]): Map<BlockId, ContentHash> {
  return new Map([...from].filter(([block]) => blocks.includes(block)));
}
