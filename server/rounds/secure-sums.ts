import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import { scoresBlock } from '../../shared/core/ids.ts';
import { inSlices } from '../../shared/merge/in-slices.ts';
import { unpackSums } from '../../shared/metrics/pack-sums.ts';
import type { EvaluationSums } from '../../shared/metrics/sums.ts';
import type { SummedBlock } from '../../shared/protocol/pack-census.ts';
import { unpackSum } from '../../shared/secagg/vector.ts';
import { addInto } from '../../shared/tensor/ring.ts';
import type { SessionAt } from '../secagg/session.ts';
import { unmaskSum } from '../secagg/unmask.ts';
import type { Revealed, RevealedBlock } from './contributions.ts';
import type { DriverTools } from './driver-tools.ts';
import type { OpenEvaluation, StudyState } from './round-state.ts';
import type { SecureRecord } from './secure-record.ts';
import { rebuiltSession, storedKeys, termsOf, vectorBlobs } from './secure-session.ts';

type Merging = Extract<StudyState, { readonly phase: 'merging' }>;

/**
 * Adds up the survivors' vectors of each block and takes the masks off; the sums go to `tools.sums`. Done once: a merge
 * that could not be stored is given the same again.
 */
export async function revealSums(state: Merging, tools: DriverTools): Promise<Revealed> {
  const { live } = tools.secure;
  live.revealed ??= await revealAll(state, tools);
  return live.revealed;
}

async function revealAll(state: Merging, tools: DriverTools): Promise<Revealed> {
  const { secure: record, open } = state;
  const blocks = new Map<BlockId, RevealedBlock>();
  const reasons = new Map<BlockId, string>();
  if (record === undefined || record.outcome.kind !== 'complete') {
    const reason = record?.outcome.kind === 'failed' ? record.outcome.reason : 'no session';
    const all = new Map([...open.plan.asked.keys()].map((block) => [block, reason]));
    return { transcript: undefined, blocks, reasons: all };
  }
  const session = await completeSession(record, tools);
  for (const block of open.plan.asked.keys()) {
    const survivors = session.agreement.blocks.find((each) => each.block === block)?.survivors;
    if (survivors === undefined) {
      reasons.set(block, 'fewer survivors than its smallest cohort');
      continue;
    }
    try {
      const sum = await unmaskedSum(session, { block, survivors, blobs: vectorBlobs(record) }, tools);
      const { vector, header } = unpackSum(sum);
      const { weight, steps } = header;
      tools.sums.take(block, { vector, weight, steps, holders: survivors.length });
      blocks.set(block, { survivors, header });
    } catch (error) {
      if (!(error instanceof ConsiliumError && error.code === 'SECURE_SESSION_FAILED')) throw error;
      reasons.set(block, error.message);
    }
  }
  return { transcript: session.agreed.transcript, blocks, reasons };
}

async function unmaskedSum(
  session: SessionAt<'complete'>,
  {
    block,
    survivors,
    blobs,
  }: {
    readonly block: BlockId;
    readonly survivors: readonly SiteId[];
    readonly blobs: ReturnType<typeof vectorBlobs>;
  },
  tools: DriverTools,
): Promise<Int32Array> {
  const sum = new Int32Array(session.agreed.blocks.get(block)?.length ?? 0);
  for (const site of survivors) {
    const vector = await tools.blobs.int32(blobs.get(site)?.get(block) as ContentHash);
    await inSlices(sum.length, (from, to) => addInto(sum.subarray(from, to), vector.subarray(from, to)));
  }
  await unmaskSum(session, block, sum);
  return sum;
}

async function completeSession(record: SecureRecord, tools: DriverTools): Promise<SessionAt<'complete'>> {
  const { live } = tools.secure;
  live.current ??= await rebuiltSession(record, tools.blobs, storedKeys(termsOf(tools)));
  if (live.current.stage === 'complete') return live.current;
  throw new ConsiliumError(
    'STATE_CORRUPT',
    `secure session: expected a complete one, got ${live.current.stage}`,
  );
}

/** The scores that the session of an evaluation revealed, subset by subset; undefined where none were. */
export async function revealScores(
  open: OpenEvaluation,
  tools: DriverTools,
): Promise<readonly (EvaluationSums | undefined)[]> {
  const { secure: record, plan } = open;
  if (record?.outcome.kind !== 'complete') return plan.subsets.map(() => undefined);
  const session = await completeSession(record, tools);
  const blobs = vectorBlobs(record);
  const revealed: (EvaluationSums | undefined)[] = [];
  for (const place of plan.subsets.keys()) {
    const block = scoresBlock(place);
    const survivors = session.agreement.blocks.find((each) => each.block === block)?.survivors;
    revealed.push(survivors && (await scoresIn(session, { block, survivors, blobs }, tools)));
  }
  return revealed;
}

async function scoresIn(
  session: SessionAt<'complete'>,
  sum: {
    readonly block: BlockId;
    readonly survivors: readonly SiteId[];
    readonly blobs: ReturnType<typeof vectorBlobs>;
  },
  tools: DriverTools,
): Promise<EvaluationSums | undefined> {
  try {
    return unpackSums(tools.study.task, await unmaskedSum(session, sum, tools), sum.survivors.length);
  } catch (error) {
    // A site that lied about its secret, or about its scores, costs the subset and not the study.
    if (error instanceof ConsiliumError && SPOILED.has(error.code)) return undefined;
    throw error;
  }
}

const SPOILED: ReadonlySet<string> = new Set(['SECURE_SESSION_FAILED', 'NOT_FINITE']);

/** What the census' session revealed, by block. */
export async function revealCensus(
  record: SecureRecord,
  tools: DriverTools,
): Promise<ReadonlyMap<BlockId, SummedBlock>> {
  const revealed = new Map<BlockId, SummedBlock>();
  if (record.outcome.kind !== 'complete') return revealed;
  const session = await completeSession(record, tools);
  const blobs = vectorBlobs(record);
  for (const { block, survivors } of session.agreement.blocks) {
    const vector = await unmaskedSum(session, { block, survivors, blobs }, tools);
    revealed.set(block, { vector, sites: survivors.length });
  }
  return revealed;
}
