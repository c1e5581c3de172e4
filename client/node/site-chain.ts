import type { AuditEntry } from '../../shared/audit/audit-line.ts';
import type { AuditLog } from '../../shared/audit/audit-log.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import type { Log } from '../../shared/core/log.ts';
import { coordinatorOf, type Roster } from '../../shared/identity/roster.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Study } from '../../shared/study/study.ts';
import { chained } from '../chain/chained.ts';
import { type ChainEvent, modelChain } from '../chain/model-chain.ts';
import type { BlockCache } from '../storage/block-cache.ts';
import { fileChainStore } from '../storage/chain-file.ts';
import type { NodeFolder } from './node-folder.ts';

/** What it needs of the node. */
export interface SiteChainTools {
  readonly folder: NodeFolder;
  readonly roster: () => Roster;
  readonly blocks: BlockCache;
  readonly audit: AuditLog;
  readonly log: Log;
}

/** The port, with every model of the study followed; what comes of it is on record before anything is trained from it. */
export function followed(
  port: CoordinatorPort,
  { study, hash }: { readonly study: Study; readonly hash: ContentHash },
  { folder, roster, blocks, audit, log }: SiteChainTools,
): CoordinatorPort {
  const chain = modelChain({
    study,
    studyHash: hash,
    coordinatorKey: () => coordinatorOf(roster()).key,
    port,
    store: fileChainStore(folder.chain(hash), blocks),
    async onEvent(event) {
      if (event.kind === 'rejected') {
        const { code, message } = event.error;
        log.error('model.rejected', { study: study.id, code, message });
      }
      await audit.append({ study: hash, ...entryOf(event) });
    },
  });
  return chained(port, chain);
}

function entryOf(event: ChainEvent): Pick<AuditEntry, 'type' | 'round' | 'data'> {
  switch (event.kind) {
    case 'verified': {
      const { round, model, blocks } = event;
      return { type: 'model.verified', round, data: { model: `sha256:${model}`, blocks } };
    }
    case 'unverified': {
      const { from, to, blocks } = event;
      return { type: 'model.unverified', round: to, data: { from, to, blocks } };
    }
    case 'rejected':
      return { type: 'model.rejected', round: event.round, data: { code: event.error.code } };
  }
}
