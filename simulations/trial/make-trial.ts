import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { nodeFolder } from '../../client/node/node-folder.ts';
import { PARTY_FILE } from '../../client/node/party-file.ts';
import { policyDigest } from '../../client/policy/policy.ts';
import { policyAt } from '../../client/policy/policy-file.ts';
import { fileApprovals } from '../../client/storage/approvals.ts';
import { officerFolder, saveRoster } from '../../server/cli/consortium/officer-folder.ts';
import { coordinatorFolder } from '../../server/node/coordinator-folder.ts';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import { writeKeyFile } from '../../shared/crypto/key-file.ts';
import { makePrivateFolder } from '../../shared/crypto/private-files.ts';
import { signApproval } from '../../shared/identity/approval.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import { openDocument, signedStudyText, signStudy } from '../../shared/identity/signed-study.ts';
import { type EquippedParty, type TrialConsortium, trialConsortium } from '../../shared/identity/trial.ts';
import type { Study } from '../../shared/study/study.ts';
import { LEAST_COHORT, type TrialContent, type TrialSite } from './trial-content.ts';

/** A consortium on one machine, in files: everybody's keys side by side, which a real one never has. */
export interface Trial {
  readonly folder: string;
  readonly words: string;
  readonly coordinator: string;
  readonly lead: string;
  /** The only officer's. */
  readonly officer: string;
  readonly signedStudy: string;
  readonly studyHash: ContentHash;
  readonly sites: readonly {
    readonly site: SiteId;
    readonly folder: string;
    readonly holds: readonly string[];
  }[];
}

export interface TrialOptions {
  /** Made; there must be none. */
  readonly folder: string;
  readonly content: TrialContent;
  /** Of the sites' door; the people's is the next one. */
  readonly port: number;
  readonly nowMs: number;
}

const CONSORTIUM = 'trial';
const APPROVED_MS = 365 * 24 * 3_600_000;

/** @throws ConsiliumError `BAD_ARGUMENT` where the folder is there already. */
export async function makeTrial(options: TrialOptions): Promise<Trial> {
  const folder = resolve(options.folder);
  const { content } = options;
  const ids = content.sites.map(({ site }) => site);
  const consortium = await trialConsortium({
    consortium: CONSORTIUM,
    sites: ids,
    endpoints: [`127.0.0.1:${options.port}`],
    nowMs: options.nowMs,
  });
  await makePrivateFolder(folder);
  const people = `127.0.0.1:${options.port + 1}`;
  const coordinator = await writeCoordinator(join(folder, 'coordinator'), consortium, { ...options, people });
  const lead = await writeLead(join(folder, 'lead'), consortium, people);
  const officer = await writeOfficer(join(folder, 'officer'), consortium);
  const signed = signStudy({ id: consortium.lead.id, key: consortium.lead.key }, content);
  const { study, hash: studyHash } = openDocument(signed.document);
  const signedStudy = join(lead, `${study.id}.signed.json`);
  await writeFile(join(lead, `${study.id}.yaml`), content.source);
  await writeFile(signedStudy, signedStudyText(signed));
  const sites = [];
  for (const own of content.sites) {
    const home = join(folder, own.site);
    const { port, nowMs } = options;
    await writeSite(home, consortium, { own, study, studyHash, port, people, nowMs });
    sites.push({ site: own.site, folder: home, holds: own.holds });
  }
  return { folder, words: consortium.words, coordinator, lead, officer, signedStudy, studyHash, sites };
}

/** The folder that `consilium coordinator run` works in. @returns `home`. */
export async function writeCoordinator(
  home: string,
  consortium: TrialConsortium,
  { port, people }: { readonly port: number; readonly people: string },
): Promise<string> {
  const folder = coordinatorFolder(home);
  const { coordinator, issuingCa } = consortium;
  for (const path of [home, folder.keys, folder.membership, join(home, 'state'), join(home, 'operator')]) {
    await makePrivateFolder(path);
  }
  await writeKeys(folder, coordinator);
  await writeKeyFile(
    folder.issuingKey,
    { kind: 'p256', id: coordinator.signer.id, key: issuingCa.key },
    undefined,
  );
  await writeMembership(folder, consortium);
  await writeFile(folder.serverChain, certificatesPem(coordinator.chain));
  await writeFile(folder.issuingCertificate, certificatesPem([issuingCa.certificate]));
  await writeFile(
    folder.file,
    `# A trial: everything on this machine.
coordinator: ${coordinator.signer.id}
endpoints: ["127.0.0.1:${port}"]
listen: { sites: "127.0.0.1:${port}", people: "${people}" }
metrics: null
`,
  );
  await writeFile(
    join(home, 'operator', PARTY_FILE),
    `role: operator\nid: ${coordinator.signer.id}\ncoordinator: ${people}\nkey: ../keys/identity.key\nmembership: ../membership\n`,
  );
  return home;
}

async function writeLead(home: string, consortium: TrialConsortium, people: string): Promise<string> {
  const { lead } = consortium;
  const membership = join(home, 'membership');
  await makePrivateFolder(home);
  await makePrivateFolder(membership);
  await writeKeyFile(join(home, 'lead.key'), { kind: 'ed25519', id: lead.id, key: lead.key }, undefined);
  await writeMembership(
    { rosters: join(membership, 'rosters'), words: join(membership, 'words.txt') },
    consortium,
  );
  await writeFile(
    join(home, PARTY_FILE),
    `role: lead\nid: ${lead.id}\ncoordinator: ${people}\nkey: lead.key\nmembership: membership\n`,
  );
  return home;
}

async function writeOfficer(home: string, consortium: TrialConsortium): Promise<string> {
  const folder = officerFolder(home);
  const { officer, root, roster } = consortium;
  for (const path of [home, folder.rosters]) await makePrivateFolder(path);
  const named = { kind: 'ed25519', id: officer.id, key: officer.key } as const;
  await writeKeyFile(folder.officerKey, named, undefined);
  await writeKeyFile(folder.rootKey, { kind: 'p256', id: CONSORTIUM, key: root.key }, undefined);
  await writeFile(folder.rootCertificate, certificatesPem([root.certificate]));
  await saveRoster(folder, roster);
  return home;
}

async function writeSite(
  home: string,
  consortium: TrialConsortium,
  site: {
    readonly own: TrialSite;
    readonly study: Study;
    readonly studyHash: ContentHash;
    readonly port: number;
    readonly people: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const { own, study, studyHash, port, people, nowMs } = site;
  const folder = nodeFolder(home);
  const party = consortium.sites.get(own.site) as EquippedParty;
  const data = own.data.kind === 'folder' ? own.data.path : join(home, 'data');
  for (const path of [home, folder.keys, folder.membership, folder.state, folder.audit]) {
    await makePrivateFolder(path);
  }
  await writeKeys(folder, party);
  await writeMembership(folder, consortium);
  await writeFile(folder.certificate, certificatesPem(party.chain));
  await writeFile(folder.peopleDoor, `https://${people}\n`);
  await writeFile(
    folder.nodeFile,
    `site: ${own.site}
consortium: ${CONSORTIUM}
coordinator: https://127.0.0.1:${port}
studies:
  ${study.id}: { mapping: mapping.site.yaml, data: ${JSON.stringify(data)} }
`,
  );
  await writeFile(join(home, 'mapping.site.yaml'), own.mapping);
  if (own.data.kind === 'table') {
    await makePrivateFolder(data);
    await writeFile(join(data, own.data.name), own.data.text);
  }
  await writeFile(folder.policy, trialPolicy(study, own.holds));
  await fileApprovals(folder.approvals, party.signer.key.publicKey).add(
    signApproval(party.signer, {
      site: own.site,
      studyHash,
      policyHash: policyDigest(policyAt(folder.policy)),
      untilMs: nowMs + APPROVED_MS,
    }),
  );
}

/** As open as the study needs, and no more. */
function trialPolicy({ merge, evaluation, training }: Study, holds: readonly string[]): string {
  return `# The policy of a trial. That of a hospital begins with nothing: consilium site init.
policy: 1
modalities: { release: [${holds.join(', ')}] }
cohort: { kMin: ${LEAST_COHORT}, minPatients: ${merge.minPatients}, minCell: ${evaluation.minCell} }
secureAggregation: { require: false, weights: ${merge.weights} }
update: { requireModelChain: false, maxClip: ${Math.max(merge.clip.default, ...merge.clip.blocks.values())} }
evaluation: { metrics: [auroc, auprc, brier, calibration, rmse, mae, r2, cIndex], perSite: true }
limits: { rounds: ${Math.max(200, training.rounds)} }
`;
}

async function writeKeys(
  folder: { readonly identityKey: string; readonly tlsKey: string },
  { signer, tls }: EquippedParty,
): Promise<void> {
  await writeKeyFile(folder.identityKey, { kind: 'ed25519', id: signer.id, key: signer.key }, undefined);
  await writeKeyFile(folder.tlsKey, { kind: 'p256', id: signer.id, key: tls }, undefined);
}

async function writeMembership(
  folder: { readonly rosters: string; readonly words: string },
  { roster, words }: TrialConsortium,
): Promise<void> {
  await rosterFolder(folder.rosters).save(roster.roster.version, roster.bytes);
  await writeAtomically(folder.words, `${words}\n`, { mode: 0o600 });
}
