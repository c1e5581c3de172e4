import { type BlockId, blockId, type ContentHash, contentHash } from '../../shared/core/ids.ts';
import { fields } from '../../shared/crypto/fields.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { type PrivacyEvent, tellingEvents } from '../../shared/privacy/events.ts';
import { type ChargeRow, ledgerDamaged } from '../storage/privacy-ledger.ts';

/** Whose budget is spent: training and evaluation patients of a study are different people. */
export type BudgetLine = 'training' | 'evaluation';

/** What leaves with noise, and the line that pays for it. */
const LINES = { update: 'training', census: 'training', evaluation: 'evaluation' } as const satisfies Record<
  string,
  BudgetLine
>;

export type ChargePurpose = keyof typeof LINES;

/** Something that may leave, to be paid for before its first byte does. */
export interface NewCharge {
  readonly study: ContentHash;
  readonly round: number;
  /** From 1; the same bytes sent again are the same attempt, fresh noise is another. */
  readonly attempt: number;
  readonly purpose: ChargePurpose;
  /** Which data, and how it stood. */
  readonly cohort: { readonly source: ContentHash; readonly version: ContentHash };
  readonly blocks: readonly BlockId[];
  /** `sigma` is the multiplier that is charged. */
  readonly event: PrivacyEvent;
  readonly delta: number;
}

/** A row of the ledger. */
export interface Charge extends NewCharge {
  readonly seq: number;
  readonly timeMs: number;
  /** Of the study's patients on this line, with this row. */
  readonly epsilonAfter: number;
  /** Of all studies. */
  readonly totalAfter: number;
  readonly hash: ContentHash;
}

export function lineOf(purpose: ChargePurpose): BudgetLine {
  return LINES[purpose];
}

export function isSameCharge(a: NewCharge, b: NewCharge): boolean {
  return a.study === b.study && a.round === b.round && a.attempt === b.attempt && a.purpose === b.purpose;
}

export const FIRST_PREV = '0'.repeat(64) as ContentHash;

/** The row that follows `last`. */
export function rowOf(
  charge: NewCharge & Pick<Charge, 'timeMs' | 'epsilonAfter' | 'totalAfter'>,
  last: Pick<Charge, 'seq' | 'hash'> | undefined,
): ChargeRow {
  const { cohort, blocks, event, ...rest } = charge;
  const row = {
    ...rest,
    seq: (last?.seq ?? 0) + 1,
    cohortSource: cohort.source,
    cohortVersion: cohort.version,
    blocks: JSON.stringify(blocks),
    event: JSON.stringify(event),
    prev: last?.hash ?? FIRST_PREV,
  };
  return { ...row, hash: rowHash(row) };
}

/**
 * The charges that rows stand for, after their chain was checked.
 * @throws ConsiliumError `LEDGER_DAMAGED` naming the first row that is missing, changed, or not understood.
 */
export function chargesOf(rows: readonly ChargeRow[], where: string): readonly Charge[] {
  let prev: string = FIRST_PREV;
  return rows.map((row, i) => {
    const isWhole = row.seq === i + 1 && row.prev === prev && row.hash === rowHash(row);
    const charge = isWhole ? read(row) : undefined;
    if (charge === undefined) {
      throw ledgerDamaged(`${where}: expected row ${i + 1} as it was chained, got another or none`);
    }
    prev = row.hash;
    return charge;
  });
}

function rowHash(row: Omit<ChargeRow, 'hash'>): ContentHash {
  const { prev, seq, timeMs, study, round, attempt, purpose, cohortSource, cohortVersion } = row;
  const { blocks, event, delta, epsilonAfter, totalAfter } = row;
  return sha256(
    fields(
      ...['consilium/privacy-ledger/1', prev, seq, timeMs, study, round, attempt, purpose],
      ...[cohortSource, cohortVersion, blocks, event, delta, epsilonAfter, totalAfter],
    ),
  );
}

/** Undefined for what this release cannot read: it cannot know what was spent. */
function read(row: ChargeRow): Charge | undefined {
  try {
    const { study, purpose, cohortSource, cohortVersion, blocks, event, hash, prev: _prev, ...rest } = row;
    if (!Object.hasOwn(LINES, purpose)) return undefined;
    const spent = JSON.parse(event) as PrivacyEvent;
    tellingEvents([spent]);
    return {
      ...rest,
      study: contentHash(study),
      purpose: purpose as ChargePurpose,
      cohort: { source: contentHash(cohortSource), version: contentHash(cohortVersion) },
      blocks: (JSON.parse(blocks) as string[]).map(blockId),
      event: spent,
      hash: contentHash(hash),
    };
  } catch {
    return undefined;
  }
}
