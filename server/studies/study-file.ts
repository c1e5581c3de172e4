import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type ContentHash, contentHash, type SiteId, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { Approval, SignedStudy } from '../../shared/protocol/study-status.ts';

/** What the coordinator keeps of a study besides its events. */
export interface StudyRecord {
  readonly signed: SignedStudy;
  /** Those that the lead asked for. */
  readonly sites: readonly SiteId[];
  /** The last one of each site; a withdrawn one is not among them. */
  readonly approvals: ReadonlyMap<SiteId, Approval>;
  /** Why it is paused; undefined: it is not. */
  readonly paused: string | undefined;
}

export interface StudyFile {
  readonly record: StudyRecord;
  /** One change at a time, each from the record as the one before left it. Durable when it resolves. */
  change(next: (record: StudyRecord) => Partial<Omit<StudyRecord, 'signed' | 'sites'>>): Promise<void>;
}

/** In the study's folder. */
export const STUDY_FILE = 'study.json';

const base64 = z.base64().transform((text): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64')));

const schema = z.strictObject({
  format: z.literal(1),
  document: base64,
  lead: z.string(),
  signature: base64,
  sites: z.array(z.string()),
  approvals: z.array(
    z.strictObject({
      site: z.string(),
      studyHash: z.string(),
      policyHash: z.string(),
      untilMs: z.number(),
      signature: base64,
    }),
  ),
  paused: z.string().nullable(),
  /** Of the fields before it, as JSON. Files of before it have none. */
  hash: z.string().optional(),
});

export async function createStudyFile(folder: string, record: StudyRecord): Promise<StudyFile> {
  await write(folder, record);
  return studyFile(folder, record);
}

/** @throws ConsiliumError `STATE_CORRUPT`. */
export async function openStudyFile(folder: string): Promise<StudyFile> {
  const path = join(folder, STUDY_FILE);
  let record: StudyRecord;
  try {
    const content = JSON.parse(await readFile(path, 'utf8')) as unknown;
    const parsed = schema.parse(content);
    if (parsed.hash !== undefined && parsed.hash !== contentHashOf(content as object)) {
      throw new ConsiliumError('STATE_CORRUPT', `${path}: its content is not what its hash says`);
    }
    record = recordOf(parsed);
  } catch (cause) {
    throw new ConsiliumError('STATE_CORRUPT', `${path}: expected what a study was started with`, {
      cause,
      hint: 'Restore the file from a backup.',
    });
  }
  return studyFile(folder, record);
}

function contentHashOf(content: object): ContentHash {
  const rest = Object.entries(content).filter(([name]) => name !== 'hash');
  return sha256(JSON.stringify(Object.fromEntries(rest)));
}

/** @throws ConsiliumError `BAD_ID`. */
function recordOf(parsed: z.infer<typeof schema>): StudyRecord {
  const { document, lead, signature, sites, approvals, paused } = parsed;
  const approved = approvals.map((approval) => ({
    ...approval,
    site: siteId(approval.site),
    studyHash: contentHash(approval.studyHash),
    policyHash: contentHash(approval.policyHash),
  }));
  return {
    signed: { document, lead, signature },
    sites: sites.map(siteId),
    approvals: new Map(approved.map((approval) => [approval.site, approval])),
    paused: paused ?? undefined,
  };
}

function studyFile(folder: string, first: StudyRecord): StudyFile {
  let record = first;
  let turn: Promise<void> = Promise.resolve();
  return {
    get record() {
      return record;
    },
    change(next) {
      const done = turn.then(async () => {
        const changed = { ...record, ...next(record) };
        await write(folder, changed);
        record = changed;
      });
      turn = done.catch(() => undefined);
      return done;
    },
  };
}

async function write(folder: string, { signed, sites, approvals, paused }: StudyRecord): Promise<void> {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const content = {
    format: 1,
    document: text(signed.document),
    lead: signed.lead,
    signature: text(signed.signature),
    sites,
    approvals: [...approvals.values()].map((approval) => ({
      ...approval,
      signature: text(approval.signature),
    })),
    paused: paused ?? null,
  };
  const whole = { ...content, hash: contentHashOf(content) };
  await writeAtomically(join(folder, STUDY_FILE), Buffer.from(`${JSON.stringify(whole)}\n`), {
    mode: 0o600,
  });
}
