import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSite, type SiteEnd, type SiteSetup } from '../../client/app.ts';
import { readNodeFile } from '../../client/node/node-file.ts';
import { type NodeFolder, nodeFolder } from '../../client/node/node-folder.ts';
import { connect } from '../../client/rpc/connection.ts';
import { type SignedCalls, type SignedCallsOptions, signedCalls } from '../../client/rpc/signed-calls.ts';
import { fileApprovals } from '../../client/storage/approvals.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { type CoordinatorSetup, type RunningCoordinator, startCoordinator } from '../../server/app.ts';
import { type Clock, monotonicClock, systemClock } from '../../shared/core/clock.ts';
import { type ContentHash, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { readTlsKey } from '../../shared/crypto/key-file.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { signApproval } from '../../shared/identity/approval.ts';
import { type Membership, memoryRosters, openMembership } from '../../shared/identity/membership.ts';
import type { Roster, SignedRoster } from '../../shared/identity/roster.ts';
import { nextVersion } from '../../shared/identity/roster-changes.ts';
import { signRoster, unsignedRoster } from '../../shared/identity/sign-roster.ts';
import { openDocument, signStudy } from '../../shared/identity/signed-study.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { type EquippedParty, type TrialConsortium, trialConsortium } from '../../shared/identity/trial.ts';
import { noAssets } from '../../shared/study/assets.ts';
import { encodeStartStudyRequest } from '../../shared/wire/operator-codec.ts';

export const CONSORTIUM = 'small';

/** A trial consortium on loopback, in this process; every key made anew. */
export interface SmallNetwork {
  readonly folder: string;
  readonly consortium: TrialConsortium;
  /** PEM. */
  readonly roots: string;
  /** What the coordinator's audit log was told, in order. */
  readonly audited: readonly AuditLine[];
  membership(): Promise<Membership>;
  /** Starts the coordinator at any free ports, or starts it again over what it stored. */
  startCoordinator(changes?: Partial<CoordinatorSetup>): Promise<RunningCoordinator>;
  site(id: string): EquippedParty;
  nodeFolder(id: string): NodeFolder;
  /** Another node folder of the site, with what its engineer put into the first. */
  copyOf(id: string): NodeFolder;
  remove(): void;
}

export interface AuditLine {
  readonly type: string;
  readonly data: Readonly<Record<string, string | number>>;
}

export async function smallNetwork(siteIds: readonly string[]): Promise<SmallNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'consilium-network-'));
  const consortium = await trialConsortium({
    consortium: CONSORTIUM,
    sites: siteIds.map(siteId),
    endpoints: ['127.0.0.1:1'],
    nowMs: systemClock.now(),
  });
  const roots = certificatesPem([consortium.root.certificate]);
  const { coordinator, roster, words } = consortium;
  const audited: AuditLine[] = [];
  const membership = () => openMembership({ store: memoryRosters(), pinned: { words }, first: roster.bytes });
  const homeOf = (id: string) => nodeFolder(join(folder, id));
  for (const id of siteIds) mkdirSync(homeOf(id).state, { recursive: true, mode: 0o700 });
  return {
    folder,
    consortium,
    roots,
    audited,
    membership,
    startCoordinator: async (changes = {}) =>
      startCoordinator({
        folder: join(folder, 'coordinator'),
        listen: { sites: '127.0.0.1:0', people: '127.0.0.1:0' },
        signer: coordinator.signer,
        tls: {
          key: coordinator.tls.privateKeyPem,
          chain: certificatesPem(coordinator.chain),
          siteRoot: roots,
        },
        membership: changes.membership ?? (await membership()),
        assets: noAssets,
        clock: systemClock,
        monotonic: monotonicClock,
        random: secureRandom,
        audit: async (type, data) => {
          audited.push({ type, data });
        },
        software: 'test',
        onFault: (error) => {
          throw error;
        },
        ...changes,
      }),
    site(id) {
      const found = consortium.sites.get(siteId(id));
      if (found === undefined) throw new Error(`${id} is no site of the network`);
      return found;
    },
    nodeFolder: homeOf,
    copyOf(id) {
      const [first, copy] = [homeOf(id), homeOf(`${id}-copy`)];
      mkdirSync(copy.state, { recursive: true, mode: 0o700 });
      for (const file of ['nodeFile', 'policy', 'approvals'] as const) copyFileSync(first[file], copy[file]);
      return copy;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The next roster, changed and signed. */
export function nextRoster({ consortium }: SmallNetwork, change: (roster: Roster) => Roster): SignedRoster {
  return signRoster(
    unsignedRoster(change(nextVersion(consortium.roster, systemClock.now()))),
    consortium.officer,
  );
}

export interface Door {
  readonly port: number;
  /** Whose certificate is shown; none where the door asks for none. */
  readonly own?: Pick<EquippedParty, 'tls' | 'chain'>;
  /** The caller's clock. */
  readonly clock?: Clock;
  readonly changes?: Partial<SignedCallsOptions>;
}

/** Calls of a party over one of the doors. */
export async function callsOf(
  network: SmallNetwork,
  signer: Signer,
  { port, own, clock = systemClock, changes = {} }: Door,
): Promise<SignedCalls> {
  const membership = await network.membership();
  return signedCalls({
    connection: connect({
      clock: systemClock,
      address: `127.0.0.1:${port}`,
      tls: {
        roots: network.roots,
        own: own && { key: own.tls.privateKeyPem, chain: certificatesPem(own.chain) },
        pinned: () => membership.current().coordinator?.spki ?? [],
      },
    }),
    signer,
    roster: () => membership.current(),
    clock,
    uniform: seededRandom('jitter').uniform,
    software: 'test',
    signal: new AbortController().signal,
    ...changes,
  });
}

/** As {@link callsOf}, of a site with its own certificate. */
export function siteCalls(
  network: SmallNetwork,
  id: string,
  port: number,
  changes: Partial<SignedCallsOptions> = {},
): Promise<SignedCalls> {
  const own = network.site(id);
  return callsOf(network, own.signer, { port, own, changes });
}

/** Signs a study file and starts it with every site. @returns its hash. */
export async function startStudy(
  network: SmallNetwork,
  source: string,
  peoplePort: number,
): Promise<ContentHash> {
  const { lead } = network.consortium;
  const signed = signStudy({ id: lead.id, key: lead.key }, { source, settings: new Map() });
  const calls = await callsOf(network, lead, { port: peoplePort });
  await calls.call(
    '/consilium.v1.OperatorService/StartStudy',
    encodeStartStudyRequest({ study: signed, sites: [] }),
  );
  calls.connection.close();
  return openDocument(signed.document).hash;
}

/** The site's approval of a study, for an hour. */
export function approvalOf(
  network: SmallNetwork,
  id: string,
  studyHash: ContentHash,
): ReturnType<typeof signApproval> {
  return signApproval(network.site(id).signer, {
    site: siteId(id),
    studyHash,
    policyHash: sha256('policy of the test'),
    untilMs: systemClock.now() + 3_600_000,
  });
}

/** What a site's engineer has done before the daemon starts: mapping, policy, approval. */
export async function prepareSite(
  network: SmallNetwork,
  id: string,
  study: { readonly id: string; readonly hash: ContentHash; readonly mapping: string; readonly data: string },
): Promise<void> {
  const place = network.nodeFolder(id);
  writeFileSync(
    place.nodeFile,
    `site: ${id}\nconsortium: ${CONSORTIUM}\nstudies:\n  ${study.id}: { mapping: ${study.mapping}, data: ${study.data} }\n`,
  );
  writeFileSync(place.policy, OPEN_POLICY);
  await fileApprovals(place.approvals, network.site(id).signer.key.publicKey).add(
    approvalOf(network, id, study.hash),
  );
}

/** Runs the site's daemon until nothing is left to do. */
export async function runDaemon(
  network: SmallNetwork,
  id: string,
  options: {
    readonly port: number;
    readonly pool: TrainingPool;
    readonly signal: AbortSignal;
    readonly changes?: Partial<SiteSetup>;
  },
): Promise<SiteEnd> {
  const { signer, tls, chain } = network.site(id);
  const folder = network.nodeFolder(id);
  return runSite({
    folder,
    node: readNodeFile(readFileSync(folder.nodeFile, 'utf8'), folder.nodeFile),
    address: `127.0.0.1:${options.port}`,
    signer,
    tls: { key: tls, chain: certificatesPem(chain), roots: network.roots },
    readTlsKey: async (path) => (await readTlsKey(path, async () => undefined)).key,
    membership: await network.membership(),
    pool: options.pool,
    cacheDir: join(folder.folder, 'cache'),
    clock: systemClock,
    uniform: seededRandom('jitter', id).uniform,
    software: 'test',
    signal: options.signal,
    log: SILENT,
    untilIdle: true,
    ...options.changes,
  });
}

const OPEN_POLICY = `policy: 1
modalities: { release: [ct, labs] }
cohort: { kMin: 3, minPatients: 1, minCell: 1 }
secureAggregation: { require: false, weights: exact }
update: { maxClip: 100, requireModelChain: false }
evaluation: { metrics: [auroc, auprc, brier, calibration], perSite: true }
`;

const SILENT = {
  info: () => undefined,
  warn: () => undefined,
  error: (event: string, facts: unknown) => {
    if (process.env['CONSILIUM_DEBUG'] === '1') process.stderr.write(`${event} ${JSON.stringify(facts)}\n`);
  },
};
