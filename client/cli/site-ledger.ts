import { readAudit } from '../../shared/audit/audit-files.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import { openSource } from '../../shared/identity/signed-study.ts';
import { nodeFolder } from '../node/node-folder.ts';
import { readLedger } from '../storage/file-ledger.ts';
import type { LedgerLine } from '../storage/ledger.ts';
import { headsOnAudit } from '../storage/ledger-chain.ts';
import { fileReviews } from '../storage/reviews.ts';
import { hashArgument } from './study-argument.ts';

export interface SiteLedgerOptions {
  readonly folder: string;
  /** The hash or the id of a study that was reviewed here; undefined: all. */
  readonly study: string | undefined;
}

/**
 * Everything that left this site, and whether nothing of it was edited or is missing.
 * @throws ConsiliumError `STATE_CORRUPT` naming the first bad line; `BAD_ID` for what is neither a hash nor the id of a reviewed study.
 */
export async function runSiteLedger(options: SiteLedgerOptions, _io: CommandIo): Promise<CommandResult> {
  const folder = nodeFolder(options.folder);
  const heads = headsOnAudit((await readAudit(folder.audit)).lines);
  const all = await readLedger(folder.ledger, heads);
  const wanted = options.study === undefined ? undefined : await hashesOf(options.study, folder.reviews);
  const lines = wanted === undefined ? all : all.filter(({ study }) => wanted.has(study));
  const bytes = lines.reduce((sum, line) => sum + line.bytes, 0);
  return {
    text: [...lines.map(lineText), `${plural(lines.length, 'message')}, ${bytes} bytes`].join('\n'),
    data: lines.map(({ time, ...line }) => ({ ...line, time: new Date(time).toISOString() })),
  };
}

async function hashesOf(study: string, reviews: string): Promise<ReadonlySet<ContentHash>> {
  const named = (await fileReviews(reviews).all()).filter(({ source, settings }) => {
    return openSource({ source, settings: new Map(Object.entries(settings)) }).study.id === study;
  });
  return new Set(named.length > 0 ? named.map(({ hash }) => hash) : [hashArgument(study)]);
}

function lineText({ seq, time, kind, study, round, bytes, hash }: LedgerLine): string {
  const where = `study ${study.slice(0, 12)} round ${round}`;
  return `${seq}  ${new Date(time).toISOString()}  ${kind.padEnd(11)}  ${where}  ${bytes} bytes  sha256:${hash}`;
}
