import { z } from 'zod';
import { ConsiliumError } from '../core/errors.ts';
import { type BlockId, blockId, type ContentHash } from '../core/ids.ts';
import type { LastingSignature } from '../protocol/envelope.ts';
import type { OptimizerRecord, RoundRecord } from '../protocol/round-record.ts';
import { canonicalJson } from '../study/canonical.ts';
import { RING_MAX } from '../tensor/ring.ts';
import { parseCanonical } from './canonical-file.ts';
import { holdsLasting } from './envelope.ts';

/** Sites of a session, and blocks of a model, as elsewhere. */
const MAX_HOLDERS = 255;
const MAX_BLOCKS = 64;
/** 64 steps of two moments each, with the longest ids, take 70 kB. */
export const MAX_RECORD_BYTES = 2 ** 17;

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((text) => text as ContentHash);
const block = z.string().transform((text, context): BlockId => {
  try {
    return blockId(text);
  } catch {
    context.addIssue('expected the id of a block');
    return z.NEVER;
  }
});
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const state = z.strictObject({ step: count.min(1), moments: z.array(hash).max(2) });
const step = z.strictObject({
  block,
  base: hash,
  sum: hash,
  holders: z.int().min(1).max(MAX_HOLDERS),
  weight: z.int().min(1).max(RING_MAX),
  steps: z.int().min(0).max(RING_MAX),
  rarity: z.number().gt(0).max(1),
  scale: z.number().min(0),
  powers: z.strictObject({ beta1: z.number().min(0).lt(1), beta2: z.number().min(0).lt(1) }),
  before: state.optional(),
  after: state,
});
const schema = z.strictObject({
  format: z.literal(1),
  studyHash: hash,
  round: count.min(1),
  previous: hash,
  model: hash,
  blocks: z.array(z.tuple([block, hash])).max(MAX_BLOCKS),
  steps: z.array(step).min(1).max(MAX_BLOCKS),
  rosterVersion: count,
  transcript: hash,
});

/** What the coordinator signs: canonical JSON, so that every float64 of it has one spelling. */
export function encodeRoundRecord(record: RoundRecord): Uint8Array {
  const { blocks, ...rest } = record;
  return Uint8Array.from(Buffer.from(canonicalJson({ format: 1, ...rest, blocks: sorted([...blocks]) })));
}

/**
 * The record that the coordinator signed. Whether it goes on from the one before is for its reader to say.
 * @throws ConsiliumError `MODEL_CHAIN_BROKEN` for another signature, or content that is no record.
 */
export function openRoundRecord(signed: LastingSignature, coordinatorKey: Uint8Array): RoundRecord {
  if (!holdsLasting(signed, 'round-record', coordinatorKey)) {
    throw chainBroken('round record', 'a signature by the coordinator', 'another');
  }
  const document = parseCanonical(signed.content, schema, {
    what: 'round record',
    code: 'MODEL_CHAIN_BROKEN',
    maxBytes: MAX_RECORD_BYTES,
  });
  const { format: _, blocks, steps, ...rest } = document;
  requireOrder(blocks.map(([id]) => id));
  requireOrder(steps.map((each) => each.block));
  return {
    ...rest,
    blocks: new Map(blocks),
    steps: steps.map(({ before, ...each }) => ({ ...each, before: before as OptimizerRecord | undefined })),
  };
}

/** What a site says of a model that does not follow from the one before it. */
export function chainBroken(what: string, expected: string, found: string): ConsiliumError {
  return new ConsiliumError('MODEL_CHAIN_BROKEN', `${what}: expected ${expected}, got ${found}`);
}

function sorted<Value>(entries: readonly (readonly [BlockId, Value])[]) {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

function requireOrder(ids: readonly BlockId[]): void {
  for (const [i, id] of ids.entries()) {
    const before = ids[i - 1];
    if (before !== undefined && !(before < id)) {
      throw chainBroken('round record', 'each block once, by id', `${id} after ${before}`);
    }
  }
}
