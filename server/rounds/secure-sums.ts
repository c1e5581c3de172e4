import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import { scoresBlock } from '../../shared/core/ids.ts';
import { sumFault } from '../../shared/merge/block-sum.ts';
import { roundingsOf } from '../../shared/merge/geometric-median.ts';
import { inSlices } from '../../shared/merge/in-slices.ts';
import { unpackSums } from '../../shared/metrics/pack-sums.ts';
import type { EvaluationSums } from '../../shared/metrics/sums.ts';
import type { SummedBlock } from '../../shared/protocol/pack-census.ts';
import { unpackSum } from '../../shared/secagg/vector.ts';
import { addInto } from '../../shared/tensor/ring.ts';
import type { SessionAt } from '../secagg/session.ts';
import { unmaskSum } from '../secagg/unmask.ts';
import type { Revealed } from './contributions.ts';
import type { DriverTools } from './driver-tools.ts';
import type { RevealedBlock, RevealedIteration } from './revealed-sums.ts';
import type { OpenEvaluation, OpenRound, StudyState } from './round-state.ts';
import type { SecureRecord } from './secure-record.ts';
import { rebuiltSession, storedKeys, termsOf, vectorBlobs } from './secure-session.ts';

type Merging = Extract<StudyState, { readonly phase: 'merging' }>;
type Securing = Extract<StudyState, { readonly phase: 'securing' }>;

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
  const { secure: record, open, iterations = [] } = state;
  const last = await sumsIn(record, blocksLeft(open, iterations), tools);
  for (const [block, { survivors, header, vector }] of last.sums) {
    const { weight, steps } = header;
    tools.sums.take(block, { vector, weight, steps, holders: survivors.length });
  }
  const first = iterations[0]?.blocks ?? last.sums;
  return {
    transcript: last.transcript,
    blocks: new Map([...first].map(([block, { survivors, header }]) => [block, { survivors, header }])),
    reasons: new Map([...iterations.flatMap(({ reasons }) => [...reasons]), ...last.reasons]),
  };
}

/**
 * What the sites need to weigh their deltas by: the sums of the session that is over, which are stored.
 * @throws ConsiliumError `STATE_CORRUPT`.
 */
export async function revealIteration(
  { secure: record, open, iterations = [] }: Securing,
  tools: DriverTools,
): Promise<RevealedIteration> {
  const { transcript, sums, reasons } = await sumsIn(record, blocksLeft(open, iterations), tools);
  if (transcript === undefined)
    throw new ConsiliumError('INTERNAL', 'iteration: expected a complete session');
  const blocks = new Map<BlockId, RevealedBlock & { readonly sum: ContentHash }>();
  const faults = new Map(reasons);
  for (const [block, { survivors, header, vector }] of sums) {
    const { weight, steps } = header;
    const sum = { vector, weight, steps, holders: survivors.length };
    const fault = await sumFault(sum, roundingsOf(tools.study.merge.robust));
    if (fault !== undefined) faults.set(block, `the sum is out of its range: ${fault}`);
    else blocks.set(block, { survivors, header, sum: await tools.blobs.put(vector) });
  }
  return { transcript, blocks, reasons: faults };
}

function blocksLeft(open: OpenRound, iterations: readonly RevealedIteration[]): readonly BlockId[] {
  return [...(iterations.at(-1)?.blocks ?? open.plan.asked).keys()];
}

interface SessionSums {
  readonly transcript: ContentHash | undefined;
  readonly sums: ReadonlyMap<BlockId, RevealedBlock & { readonly vector: Int32Array }>;
  readonly reasons: ReadonlyMap<BlockId, string>;
}

const LOST = 'a survivor of the sum before was lost, and a later sum is over the same sites or none';

async function sumsIn(
  record: SecureRecord | undefined,
  asked: readonly BlockId[],
  tools: DriverTools,
): Promise<SessionSums> {
  const sums = new Map<BlockId, RevealedBlock & { readonly vector: Int32Array }>();
  const reasons = new Map<BlockId, string>();
  if (record === undefined || record.outcome.kind !== 'complete') {
    const reason = record?.outcome.kind === 'failed' ? record.outcome.reason : 'no session';
    return { transcript: undefined, sums, reasons: new Map(asked.map((block) => [block, reason])) };
  }
  const session = await completeSession(record, tools);
  const blobs = vectorBlobs(record);
  const lost = record.context.iteration === undefined ? 'fewer survivors than its smallest cohort' : LOST;
  for (const block of asked) {
    const survivors = session.agreement.blocks.find((each) => each.block === block)?.survivors;
    if (survivors === undefined) {
      reasons.set(block, lost);
      continue;
    }
    try {
      const sum = await unmaskedSum(session, { block, survivors, blobs }, tools);
      sums.set(block, { survivors, ...unpackSum(sum) });
    } catch (error) {
      if (!(error instanceof ConsiliumError && error.code === 'SECURE_SESSION_FAILED')) throw error;
      reasons.set(block, error.message);
    }
  }
  return { transcript: session.agreed.transcript, sums, reasons };
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
