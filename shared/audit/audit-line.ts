import { ConsiliumError } from '../core/errors.ts';
import type { ContentHash } from '../core/ids.ts';
import { FIRST_PREV, lineHash } from './hash-chain.ts';

/** Who or what a line is about; the rest of a type says what happened. */
const TOPICS = [
  'daemon',
  'roster',
  'enrollment',
  'session',
  'study',
  'policy',
  'round',
  'update',
  'share',
  'privacy',
  'model',
  'attack',
  'operator',
  'backup',
] as const;

export type AuditType = `${(typeof TOPICS)[number]}.${string}`;

/** An id, an enumeration, a number or a hash: never text that a person or a file brought in. */
export type AuditValue = string | number | boolean;

/** Something to be put on record. */
export interface AuditEntry {
  readonly type: AuditType;
  readonly study?: ContentHash;
  readonly round?: number;
  readonly data?: Readonly<Record<string, AuditValue>>;
}

export interface AuditLine extends AuditEntry {
  /** From 1, without gaps, over all files. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly data: Readonly<Record<string, AuditValue>>;
  /** Of the line before, {@link lineHash}; {@link FIRST_PREV} for the first. */
  readonly prev: ContentHash;
}

const TYPE = new RegExp(`^(${TOPICS.join('|')})\\.[a-z][a-z-]{0,39}$`);
const KEY = /^[a-z][A-Za-z0-9]{0,39}$/;
/** No blank, no slash, no backslash: neither a sentence nor a path fits. */
const WORD = /^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,199}$/;
const HEX = /^[0-9a-f]{64}$/;

/**
 * The line that puts `entry` on record after `last`.
 * @param last the line before as it stands in the file; undefined for the first.
 * @throws ConsiliumError `INTERNAL` naming a value that is more than an id, an enumeration, a number or a hash;
 * `STATE_CORRUPT` where `last` is no line of this log.
 */
export function auditLine(entry: AuditEntry, last: string | undefined, timeMs: number): string {
  const { type, study, round, data = {} } = entry;
  const before = last === undefined ? undefined : readAuditLine(last);
  if (last !== undefined && before === undefined) {
    throw new ConsiliumError('STATE_CORRUPT', 'audit log: expected a line to go on from, got another', {
      hint: 'Run: consilium site audit verify',
    });
  }
  const line = {
    seq: (before?.seq ?? 0) + 1,
    time: new Date(timeMs).toISOString(),
    type,
    ...(study === undefined ? {} : { study: `sha256:${study}` }),
    ...(round === undefined ? {} : { round }),
    data,
    prev: `sha256:${last === undefined ? FIRST_PREV : lineHash(last)}`,
  };
  const text = JSON.stringify(line);
  if (readAuditLine(text) === undefined) {
    throw new ConsiliumError(
      'INTERNAL',
      `audit ${type}: expected ids, enumerations, numbers and hashes, got another value`,
    );
  }
  return text;
}

/** A line as it stands in the file; undefined where it is none. */
export function readAuditLine(text: string): AuditLine | undefined {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof line !== 'object' || line === null) return undefined;
  const { seq, time, type, study, round, data, prev, ...rest } = line as Record<string, unknown>;
  const studyHash = study === undefined ? undefined : hashOf(study);
  const prevHash = hashOf(prev);
  const isSound =
    Object.keys(rest).length === 0 &&
    isCount(seq, 1) &&
    typeof time === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time) &&
    typeof type === 'string' &&
    TYPE.test(type) &&
    (study === undefined) === (studyHash === undefined) &&
    (round === undefined || isCount(round, 0)) &&
    isValues(data) &&
    prevHash !== undefined;
  if (!isSound) return undefined;
  return {
    seq,
    time,
    type: type as AuditType,
    ...(studyHash === undefined ? {} : { study: studyHash }),
    ...(round === undefined ? {} : { round: round as number }),
    data,
    prev: prevHash,
  };
}

function isCount(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function isValues(data: unknown): data is AuditLine['data'] {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  return Object.entries(data).every(
    ([key, value]) =>
      KEY.test(key) &&
      (typeof value === 'boolean' ||
        (typeof value === 'number' && Number.isFinite(value)) ||
        (typeof value === 'string' && WORD.test(value))),
  );
}

/** The hash behind `sha256:`; undefined for anything else. */
function hashOf(value: unknown): ContentHash | undefined {
  if (typeof value !== 'string' || !value.startsWith('sha256:')) return undefined;
  const hex = value.slice('sha256:'.length);
  return HEX.test(hex) ? (hex as ContentHash) : undefined;
}
