import { isAbsolute, join } from 'node:path';
import type { AuditLog } from '../../shared/audit/audit-log.ts';
import { readText } from '../../shared/config/read-text.ts';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type ContentHash, SITE_BLOCK } from '../../shared/core/ids.ts';
import type { Log } from '../../shared/core/log.ts';
import { fields } from '../../shared/crypto/fields.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { keyOf, type Roster } from '../../shared/identity/roster.ts';
import { openSignedStudy } from '../../shared/identity/signed-study.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { Approval } from '../../shared/protocol/study-status.ts';
import { folderAssets } from '../../shared/study/assets.ts';
import type { Study } from '../../shared/study/study.ts';
import { decodeSignedStudy, encodeApproval, encodeFetchStudyRequest } from '../../shared/wire/study-codec.ts';
import { studyFacts } from '../cli/site-review.ts';
import { declare } from '../data/census.ts';
import type { SiteCohort } from '../data/cohort.ts';
import { decodePool } from '../data/media/decode-pool.ts';
import { readSite } from '../data/read-site.ts';
import { readSiteFile } from '../data/site-file.ts';
import { policyGate } from '../policy/gate.ts';
import { policyAt } from '../policy/policy-file.ts';
import type { BudgetLedger } from '../privacy/budget-ledger.ts';
import { participate } from '../rounds/participant.ts';
import { coordinatorClient } from '../rpc/coordinator-client.ts';
import type { SignedCalls } from '../rpc/signed-calls.ts';
import type { Approvals } from '../storage/approvals.ts';
import { type BlockCache, withBlockCache } from '../storage/block-cache.ts';
import type { FileLedger } from '../storage/file-ledger.ts';
import { fileMemory } from '../storage/memory-file.ts';
import { fileOutbox } from '../storage/outbox.ts';
import type { TrainingTime } from '../storage/training-time.ts';
import type { TrainingPool } from '../training/training-pool.ts';
import { outlet } from '../update/outlet.ts';
import type { NodeFile, StudyPlace } from './node-file.ts';
import type { NodeFolder } from './node-folder.ts';
import { openSecureSide, type SecureSideTools } from './secure-side.ts';
import { followed } from './site-chain.ts';
import { siteNoise } from './site-noise.ts';
import type { WitnessedHeads } from './witnessed-heads.ts';

/** What a node has for all of its studies. */
export interface NodeTools extends SecureSideTools {
  readonly folder: NodeFolder;
  readonly node: NodeFile;
  readonly calls: SignedCalls;
  readonly roster: () => Roster;
  readonly approvals: Approvals;
  readonly ledger: FileLedger;
  readonly trainingTime: TrainingTime;
  /** What the patients have spent. */
  readonly budget: BudgetLedger;
  readonly audit: AuditLog;
  readonly blocks: BlockCache;
  readonly heads: WitnessedHeads;
  readonly pool: TrainingPool;
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The site's part in one study, from its approval to the end.
 * @throws ConsiliumError `POLICY_REFUSED`, `UNAUTHENTICATED` for a study that its lead did not sign, and as `readSite`
 * and `participate`.
 */
export async function takePart(
  hash: ContentHash,
  approval: Approval,
  tools: NodeTools,
  signal: AbortSignal,
): Promise<'finished'> {
  const { calls, folder, node, clock, log } = tools;
  const { study, lead } = await fetchStudy(hash, tools);
  const place = node.studies.get(study.id);
  if (place === undefined) throw unmapped(study, folder);
  await calls.call('/consilium.v1.StudyService/Approve', encodeApproval(approval));
  const cohort = await readCohort(study, place, tools, signal);
  log.info('study.read', {
    study: study.id,
    patients: cohort.part.length,
    modalities: cohort.modalities.size,
  });
  const policy = async () => policyAt(folder.policy);
  const noise = siteNoise({
    study,
    hash,
    cohort,
    source: sha256(fields(place.mapping, place.data)),
    ledger: tools.budget,
    policy,
    audit: tools.audit,
    log,
  });
  const gate = policyGate({
    study: studyFacts({ study, hash, lead }),
    policy,
    approvals: () => tools.approvals.all(),
    ledger: tools.ledger,
    trainingTime: tools.trainingTime,
    ...(noise === undefined ? {} : { budget: noise.budget }),
    audit: tools.audit,
    clock,
  });
  const outbox = fileOutbox(folder.outbox(hash));
  const client = coordinatorClient({
    calls,
    site: node.site,
    studyHash: hash,
    roster: tools.roster,
    maxBlockBytes: 4 * Math.max(...sizesOf(study)),
    onTrain: (round) => tools.heads.instructed(hash, round),
  });
  const { weights, robust } = study.merge;
  const secure = study.privacy.secureAggregation
    ? await openSecureSide(hash, tools, {
        policy,
        weights,
        ...(robust.kind === 'geometric-median' && { median: { spec: robust, port: client } }),
      })
    : undefined;
  const plain = outlet(withBlockCache(client, tools.blocks), {
    study: hash,
    gate,
    ledger: tools.ledger,
    outbox,
    ...(secure && { notices: secure.notices }),
    clock,
  });
  const outgoing = noise?.around(plain) ?? plain;
  const port = secure ? followed(outgoing, { study, hash }, tools) : outgoing;
  const retention = study.evaluation.choose === 'best-validation' ? 'all' : 'last-three';
  const seat = await tools.pool.open(study, cohort, ({ round, step, steps }) => {
    void client.progress(round, step, steps);
  });
  try {
    await participate({
      site: node.site,
      study,
      studyHash: hash,
      declaration: declare(study, hash, cohort, 1),
      port,
      trainer: noise?.watching(seat) ?? seat,
      memory: fileMemory(folder.memory(hash), retention),
      ...(secure && { secure: secure.participant }),
      signal,
      onState: ({ phase, round }) => log.info('study.state', { study: study.id, phase, round }),
    });
    return 'finished';
  } finally {
    await seat.close();
    await secure?.close();
  }
}

/**
 * The study of that hash, as its lead signed it.
 * @throws ConsiliumError `UNAUTHENTICATED` for another one, whoever signed it.
 */
export async function fetchStudy(
  hash: ContentHash,
  { calls, roster }: { readonly calls: Pick<SignedCalls, 'call'>; readonly roster: () => Roster },
): Promise<{ readonly study: Study; readonly lead: string }> {
  const body = encodeFetchStudyRequest({ studyHash: hash });
  const signed = decodeSignedStudy(await calls.call('/consilium.v1.StudyService/FetchStudy', body));
  const { opened, problems } = openSignedStudy(signed, keyOf(roster(), 'lead', signed.lead));
  if (opened?.hash === hash) return { study: opened.study, lead: signed.lead };
  const found = opened === undefined ? problems.join('; ') : `one with hash ${opened.hash}`;
  throw new ConsiliumError('UNAUTHENTICATED', `study ${hash}: expected what its lead signed, got ${found}`);
}

async function readCohort(
  study: Study,
  { mapping, data }: StudyPlace,
  { folder, node, cacheDir, log }: NodeTools,
  signal: AbortSignal,
): Promise<SiteCohort> {
  const at = (path: string) => (isAbsolute(path) ? path : join(folder.folder, path));
  const file = at(mapping);
  const site = readSiteFile(readText(file, MAPPING), file, study);
  if (site.site !== node.site) {
    throw new ConsiliumError(
      'SITE_FILE_INVALID',
      `${file}: expected the mapping of ${node.site}, got ${site.site}'s`,
    );
  }
  const pool = decodePool();
  try {
    const { cohort, intake } = await readSite(study, site, {
      dataDir: at(data),
      media: { cacheDir, pool, assets: folderAssets(folder.folder), signal },
    });
    const broken = [...intake.brokenFiles.values()].reduce((sum, files) => sum + files.length, 0);
    if (broken > 0) log.warn('study.files-set-aside', { study: study.id, files: broken });
    return cohort;
  } finally {
    await pool.close();
  }
}

const MAPPING = {
  what: 'a site file',
  tooLong: 'SITE_FILE_INVALID',
  hint: 'site.yaml names it under studies.',
} as const;

function sizesOf(study: Study): number[] {
  return [...studyLayouts(study).values()].filter(({ id }) => id !== SITE_BLOCK).map(({ size }) => size);
}

function unmapped({ id }: Study, { nodeFile }: NodeFolder): ConsiliumError {
  return new ConsiliumError('SITE_FILE_INVALID', `${nodeFile}: expected studies.${id}, got none`, {
    hint: `Add "studies: { ${id}: { mapping: FILE, data: FOLDER } }".`,
  });
}
