import { blockId, siteId } from '../core/ids.ts';
import type { BlockReport, KeptReason, RoundReport } from '../protocol/round-report.ts';
import {
  enumeration,
  type Field,
  finite,
  hash,
  id,
  idList,
  list,
  mapped,
  optional,
  text,
  uint32,
} from './fields.ts';
import { consilium } from './generated/consilium.js';
import { message, oneof } from './message.ts';
import { wireInvalid } from './wire-invalid.ts';

const { v1 } = consilium;

type Outcome = BlockReport['outcome'];
type Merged = Omit<Extract<Outcome, { readonly kind: 'merged' }>, 'kind'>;
type Kept = Omit<Extract<Outcome, { readonly kind: 'kept' }>, 'kind'>;
type Missing = RoundReport['missing'][number];

const merged = message<Merged, consilium.v1.MergedBlock.$Properties>('MergedBlock', v1.MergedBlock, {
  deltaNorm: finite,
  stepNorm: finite,
  scale: finite,
});

/** Empty means that there is none. */
const kept: Field<Kept, consilium.v1.KeptBlock.$Properties> = mapped(
  message<{ reason: KeptReason; detail: string }, consilium.v1.KeptBlock.$Properties>(
    'KeptBlock',
    v1.KeptBlock,
    {
      reason: enumeration({
        'no-holder': 1,
        'stays-at-site': 2,
        'few-invited': 3,
        'below-quorum': 4,
        'out-of-range': 5,
        'robust-precondition': 6,
        'not-revealed': 7,
      }),
      detail: text,
    },
  ),
  ({ reason, detail = '' }) => ({ reason, detail }),
  ({ reason, detail }) => (detail === '' ? { reason } : { reason, detail }),
);

const block = message<BlockReport, consilium.v1.BlockReport.$Properties>('BlockReport', v1.BlockReport, {
  block: id(blockId),
  outcome: oneof<Outcome, consilium.v1.BlockReport.$Properties>(
    { merged: 'merged', kept: 'kept' },
    { merged, kept },
  ),
  contributors: idList(siteId),
  clipped: uint32,
  saturated: uint32,
  singleton: optional(id(siteId)),
});

/** The reason and, of a refusal, why. */
interface MissingParts {
  readonly site: Missing['site'];
  readonly reason: 'declined' | 'vanished' | 'refused';
  readonly detail: string;
}

const missing = mapped<Missing, MissingParts, consilium.v1.MissingSite.$Properties>(
  message<MissingParts, consilium.v1.MissingSite.$Properties>('MissingSite', v1.MissingSite, {
    site: id(siteId),
    reason: enumeration({ declined: 1, vanished: 2, refused: 3 }),
    detail: text,
  }),
  ({ site, reason }) =>
    reason === 'declined' || reason === 'vanished'
      ? { site, reason, detail: '' }
      : { site, reason: 'refused', detail: reason.slice('refused: '.length) },
  ({ site, reason, detail }, where) => {
    if (reason === 'refused') return { site, reason: `refused: ${detail}` };
    if (detail !== '') throw wireInvalid(where, `expected no detail for ${reason}`);
    return { site, reason };
  },
);

/** What the coordinator tells everyone of a round. */
export const roundReport = message<RoundReport, consilium.v1.RoundReport.$Properties>(
  'RoundReport',
  v1.RoundReport,
  {
    round: uint32,
    outcome: enumeration({ committed: 1, failed: 2 }),
    blocks: list(block),
    missing: list(missing),
    loss: optional(finite),
    closedBy: enumeration({ 'all-in': 1, 'quorum-and-grace': 2, deadline: 3 }),
    durationMs: finite,
    modelHash: hash,
    validationScore: optional(finite),
  },
);

export const { encode: encodeRoundReport, decode: decodeRoundReport } = roundReport;
