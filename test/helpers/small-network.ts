import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSite } from '../../client/app.ts';
import { readNodeFile } from '../../client/node/node-file.ts';
import { nodeFolder } from '../../client/node/node-folder.ts';
import { connect } from '../../client/rpc/connection.ts';
import { type SignedCalls, signedCalls } from '../../client/rpc/signed-calls.ts';
import { fileApprovals } from '../../client/storage/approvals.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { type RunningCoordinator, startCoordinator } from '../../server/app.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { type ContentHash, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import {
  certificatesPem,
  generateTlsKey,
  type Issuer,
  issueServer,
  issueSite,
  makeIssuingCa,
  makeRootCa,
  type TlsKey,
} from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import { signApproval } from '../../shared/identity/approval.ts';
import { rosterWords } from '../../shared/identity/fingerprint.ts';
import { type Membership, memoryRosters, openMembership } from '../../shared/identity/membership.ts';
import { encodeRoster, type Roster, type SignedRoster } from '../../shared/identity/roster.ts';
import { nextVersion } from '../../shared/identity/roster-changes.ts';
import { signRoster } from '../../shared/identity/sign-roster.ts';
import { openDocument, signStudy } from '../../shared/identity/signed-study.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { noAssets } from '../../shared/study/assets.ts';
import { encodeStartStudyRequest } from '../../shared/wire/operator-codec.ts';

export const CONSORTIUM = 'small';

/** A trial consortium on loopback: one officer, one lead, the sites; every key made anew. */
export interface SmallNetwork {
  readonly folder: string;
  readonly roster: () => Roster;
  readonly first: SignedRoster;
  readonly officer: Signer;
  readonly lead: Signer;
  readonly sites: ReadonlyMap<string, SmallSite>;
  readonly coordinatorKey: Signer;
  /** PEM roots. */
  readonly roots: string;
  readonly issuing: Issuer;
  membership(): Promise<Membership>;
  /** Starts the coordinator, or starts it again over what it stored. */
  startCoordinator(ports?: { readonly sites: number; readonly people: number }): Promise<RunningCoordinator>;
  remove(): void;
}

export interface SmallSite {
  readonly signer: Signer;
  readonly tlsKey: TlsKey;
  /** PEM. */
  readonly chain: string;
  readonly folder: string;
}

export async function smallNetwork(siteIds: readonly string[]): Promise<SmallNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'consilium-network-'));
  const nowMs = systemClock.now();
  const officer: Signer = { role: 'officer', id: 'alice', key: generateSigningKey() };
  const lead: Signer = { role: 'lead', id: 'dr-lee', key: generateSigningKey() };
  const coordinatorKey: Signer = { role: 'coordinator', id: 'coordinator', key: generateSigningKey() };
  const [rootKey, issuingKey, serverKey] = [generateTlsKey(), generateTlsKey(), generateTlsKey()];
  const root = { key: rootKey, certificate: await makeRootCa(rootKey, { consortium: CONSORTIUM, nowMs }) };
  const issuing = {
    key: issuingKey,
    certificate: await makeIssuingCa(root, { consortium: CONSORTIUM, spki: issuingKey.spki, nowMs }),
  };
  const server = await issueServer(issuing, {
    hosts: ['127.0.0.1', 'localhost'],
    spki: serverKey.spki,
    nowMs,
  });
  const sites = new Map<string, SmallSite>();
  for (const id of siteIds) {
    const site = siteId(id);
    const tlsKey = generateTlsKey();
    const leaf = await issueSite(issuing, { site, spki: tlsKey.spki, nowMs });
    const home = join(folder, id);
    mkdirSync(join(home, 'state'), { recursive: true, mode: 0o700 });
    sites.set(id, {
      signer: { role: 'site', id, key: generateSigningKey() },
      tlsKey,
      chain: certificatesPem([leaf, issuing.certificate]),
      folder: home,
    });
  }
  const roster: Roster = {
    format: 1,
    consortium: CONSORTIUM,
    version: 1,
    previous: undefined,
    issued: new Date(nowMs).toISOString(),
    threshold: 1,
    officers: [memberOf(officer)],
    coordinator: { ...memberOf(coordinatorKey), spki: [sha256(serverKey.spki)], endpoints: ['127.0.0.1:1'] },
    leads: [memberOf(lead)],
    sites: [...sites].map(([id, { signer, tlsKey }]) => ({
      id: siteId(id),
      key: signer.key.publicKey,
      spki: [sha256(tlsKey.spki)],
      status: 'active' as const,
      notBefore: undefined,
      notAfter: undefined,
      reason: undefined,
    })),
    roots: [root.certificate],
  };
  const first = signRoster(encodeRoster(roster, []), officer);
  const membership = () =>
    openMembership({
      store: memoryRosters(),
      pinned: { words: rosterWords(first.hash) },
      first: first.bytes,
    });
  return {
    folder,
    roster: () => roster,
    first,
    officer,
    lead,
    sites,
    coordinatorKey,
    roots: certificatesPem([root.certificate]),
    issuing,
    membership,
    startCoordinator: async (ports = { sites: 0, people: 0 }) =>
      startCoordinator({
        folder: join(folder, 'coordinator'),
        listen: { sites: `127.0.0.1:${ports.sites}`, people: `127.0.0.1:${ports.people}` },
        signer: coordinatorKey,
        tls: {
          key: serverKey.privateKeyPem,
          chain: certificatesPem([server, issuing.certificate]),
          siteRoot: certificatesPem([root.certificate]),
        },
        membership: await membership(),
        assets: noAssets,
        clock: systemClock,
        monotonic: { now: () => performance.now() },
        random: secureRandom,
        audit: async () => undefined,
        software: 'test',
        onFault: (error) => {
          throw error;
        },
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The next roster, changed and signed. */
export function nextRoster(network: SmallNetwork, change: (roster: Roster) => Roster): SignedRoster {
  const next = change(nextVersion(network.first, systemClock.now()));
  return signRoster(encodeRoster(next, []), network.officer);
}

/** Calls of a party over one of the doors. */
export async function callsOf(
  network: SmallNetwork,
  signer: Signer,
  door: { readonly port: number; readonly own?: SmallSite },
): Promise<SignedCalls> {
  const membership = await network.membership();
  return signedCalls({
    connection: connect({
      clock: systemClock,
      address: `127.0.0.1:${door.port}`,
      tls: {
        roots: network.roots,
        own: door.own && { key: door.own.tlsKey.privateKeyPem, chain: door.own.chain },
        pinned: () => membership.current().coordinator?.spki ?? [],
      },
    }),
    signer,
    roster: () => membership.current(),
    clock: systemClock,
    uniform: seededRandom('jitter').uniform,
    software: 'test',
    signal: new AbortController().signal,
  });
}

/** Signs a study file and starts it with every site. @returns its hash. */
export async function startStudy(
  network: SmallNetwork,
  source: string,
  peoplePort: number,
): Promise<ContentHash> {
  const signed = signStudy({ id: network.lead.id, key: network.lead.key }, { source, settings: new Map() });
  const calls = await callsOf(network, network.lead, { port: peoplePort });
  await calls.call(
    '/consilium.v1.OperatorService/StartStudy',
    encodeStartStudyRequest({ study: signed, sites: [] }),
  );
  calls.connection.close();
  return openDocument(signed.document).hash;
}

/** What a site's engineer has done before the daemon starts: mapping, policy, approval. */
export async function prepareSite(
  network: SmallNetwork,
  id: string,
  study: { readonly id: string; readonly hash: ContentHash; readonly mapping: string; readonly data: string },
): Promise<void> {
  const { folder, signer } = siteOf(network, id);
  const place = nodeFolder(folder);
  writeFileSync(
    place.nodeFile,
    `site: ${id}\nconsortium: ${CONSORTIUM}\nstudies:\n  ${study.id}: { mapping: ${study.mapping}, data: ${study.data} }\n`,
  );
  writeFileSync(place.policy, OPEN_POLICY);
  await fileApprovals(place.approvals, signer.key.publicKey).add(
    signApproval(signer, {
      site: siteId(id),
      studyHash: study.hash,
      policyHash: sha256('policy of the test'),
      untilMs: systemClock.now() + 3_600_000,
    }),
  );
}

/** Runs the site's daemon until nothing is left to do. */
export async function runDaemon(
  network: SmallNetwork,
  id: string,
  options: { readonly port: number; readonly pool: TrainingPool; readonly signal: AbortSignal },
): Promise<void> {
  const site = siteOf(network, id);
  const folder = nodeFolder(site.folder);
  await runSite({
    folder,
    node: readNodeFile(readFileSync(folder.nodeFile, 'utf8'), folder.nodeFile),
    address: `127.0.0.1:${options.port}`,
    signer: site.signer,
    tls: { key: site.tlsKey, chain: site.chain, roots: network.roots },
    membership: await network.membership(),
    pool: options.pool,
    cacheDir: join(site.folder, 'cache'),
    clock: systemClock,
    uniform: seededRandom('jitter', id).uniform,
    software: 'test',
    signal: options.signal,
    log: SILENT,
    untilIdle: true,
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

function siteOf(network: SmallNetwork, id: string): SmallSite {
  const site = network.sites.get(id);
  if (site === undefined) throw new Error(`${id} is no site of the network`);
  return site;
}

function memberOf({ id, key }: Signer): { readonly id: string; readonly key: Uint8Array } {
  return { id, key: key.publicKey };
}
