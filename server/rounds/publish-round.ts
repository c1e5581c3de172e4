import type { BlockId, ContentHash } from '../../shared/core/ids.ts';
import { encodeRoundRecord } from '../../shared/identity/signed-round-record.ts';
import { modelHash } from '../../shared/protocol/model-hash.ts';
import type { BlockStep, OptimizerRecord, RoundRecord } from '../../shared/protocol/round-record.ts';
import { encodeLastingSignature } from '../../shared/wire/envelope-codec.ts';
import type { DriverTools } from './driver-tools.ts';
import type { PublishedRound } from './events.ts';
import type { MergedBlock } from './merge-round.ts';
import type { SecureTerms } from './secure-session.ts';

/** Stores the sum of a block that was merged. @returns the step as it is published. */
export async function publishedStep(
  block: BlockId,
  { sum, rarity, scale, powers }: MergedBlock,
  states: Pick<BlockStep, 'base' | 'before' | 'after'>,
  { blobs }: Pick<DriverTools, 'blobs'>,
): Promise<BlockStep> {
  const { vector, holders, weight, steps } = sum;
  return { block, sum: await blobs.put(vector), holders, weight, steps, rarity, scale, powers, ...states };
}

/** Signs and stores the record of a round that is about to be committed. */
export async function publishRound(
  record: Omit<RoundRecord, 'studyHash' | 'previous' | 'model'> & { readonly before: RoundRecord['blocks'] },
  tools: Pick<DriverTools, 'blobs' | 'studyHash'> & Pick<SecureTerms, 'signRecord'>,
): Promise<PublishedRound> {
  const { before, ...rest } = record;
  const { round, blocks, steps } = rest;
  const content = encodeRoundRecord({
    ...rest,
    studyHash: tools.studyHash,
    previous: modelHash(before),
    model: modelHash(blocks),
  });
  const signed = tools.signRecord(content);
  return {
    round,
    record: await tools.blobs.putBytes(encodeLastingSignature(signed)),
    sources: steps.flatMap(({ sum, base, before: state }) => [sum, base, ...momentsOf(state)]),
  };
}

function momentsOf(state: OptimizerRecord | undefined): readonly ContentHash[] {
  return state?.moments ?? [];
}
