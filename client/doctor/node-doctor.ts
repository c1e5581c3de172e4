import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { BackendName } from '../../shared/compute/backend.ts';
import { readText } from '../../shared/config/read-text.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type Finding, failedBy } from '../../shared/core/finding.ts';
import type { PassphraseSource } from '../../shared/crypto/key-file.ts';
import type { Membership } from '../../shared/identity/membership.ts';
import { addressOf } from '../node/address.ts';
import { NODE, type NodeFile, readNodeFile } from '../node/node-file.ts';
import { nodeFolder } from '../node/node-folder.ts';
import { type EnrolledNode, openNode } from '../node/open-node.ts';
import { policyAt } from '../policy/policy-file.ts';
import { isHeld } from '../storage/sqlite-lock.ts';
import { checkBackend } from './backend-check.ts';
import { checkCoordinator } from './coordinator-check.ts';
import { doctorResult } from './doctor.ts';
import { checkFileSystem, checkPermissions, readFileSystem } from './folder-checks.ts';
import { checkHold } from './hold-check.ts';
import { checkLibraries, checkSqlite } from './library-checks.ts';
import { checkDns, checkTcp, checkTls, type Line } from './line-checks.ts';
import { readMachine } from './machine.ts';
import { checkMachine } from './machine-checks.ts';
import { checkCertificate, checkIdentity, checkRoster } from './membership-checks.ts';
import { type NodePlace, sitePlace } from './node-place.ts';
import { checkProxy, type Environment } from './proxy-check.ts';

export interface NodeDoctorTools {
  readonly passphrase: PassphraseSource;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly monotonic: Clock;
  /** How long a line to the coordinator is held; undefined: it is not. */
  readonly holdMs?: number | undefined;
}

/**
 * Whether a site's node can take part: its folder, its membership, the line to the coordinator, this machine. Every check
 * is made that an earlier one does not make pointless. Nothing is changed, and a daemon that runs is not disturbed.
 */
export async function runSiteDoctor(
  options: { readonly folder: string; readonly backend: BackendName | 'auto' } & NodeDoctorTools,
  io: CommandIo,
): Promise<CommandResult> {
  const place = sitePlace(options.folder);
  const findings: Finding[] = [...(await folderFindings(place))];
  const node = checkNodeFile(options.folder);
  findings.push(node.finding, ...(node.file === undefined ? [] : checkStudies(options.folder, node.file)));
  const roster = await checkRoster(place);
  findings.push(roster.finding);
  if (node.file !== undefined && roster.membership !== undefined) {
    findings.push(...(await memberFindings(place, node.file.site, roster.membership, options.clock)));
    findings.push(...(await lineFindings(node.file, roster.membership, options, io)));
  }
  const { chooseBackend } = await import('../../shared/compute/backend.ts');
  findings.push(
    ...checkMachine(await readMachine(options.folder)),
    await checkBackend(options.backend, chooseBackend),
    ...(await checkLibraries()),
  );
  return doctorResult(findings, node.file?.site ?? 'The node');
}

/**
 * Whether a coordinator can run: its folder, its membership, this machine.
 * @param options.id of the coordinator. @param options.findings of its own file, made by whoever can read it.
 */
export async function runCoordinatorDoctor(options: {
  readonly place: NodePlace;
  readonly id: string | undefined;
  readonly findings: readonly Finding[];
  readonly clock: Clock;
}): Promise<CommandResult> {
  const { place, id, clock } = options;
  const roster = await checkRoster(place);
  return doctorResult(
    [
      ...(await folderFindings(place)),
      ...options.findings,
      roster.finding,
      ...(id === undefined || roster.membership === undefined
        ? []
        : await memberFindings(place, id, roster.membership, clock)),
      ...checkMachine(await readMachine(place.folder)),
      await checkSqlite(),
    ],
    id ?? 'The coordinator',
  );
}

async function folderFindings(place: NodePlace): Promise<readonly Finding[]> {
  return [
    await checkPermissions(place),
    checkFileSystem(await readFileSystem(place.folder)),
    { check: 'daemon', state: 'ok', found: isHeld(place.lock) ? 'runs' : 'does not run' },
  ];
}

async function memberFindings(
  place: NodePlace,
  id: string,
  membership: Membership,
  clock: Clock,
): Promise<readonly Finding[]> {
  return [
    await checkIdentity(place, { id, roster: membership.current(), clock }),
    ...(await Promise.all(place.certificates.map((path) => checkCertificate(path, place, clock)))),
  ];
}

function checkNodeFile(folder: string): { readonly finding: Finding; readonly file: NodeFile | undefined } {
  const path = nodeFolder(folder).nodeFile;
  try {
    const file = readNodeFile(readText(path, NODE), path);
    return { finding: { check: 'site.yaml', state: 'ok', found: `of ${file.site}` }, file };
  } catch (error) {
    return { finding: failedBy('site.yaml', error, 'has faults', 'correct the file'), file: undefined };
  }
}

/** The policy, and the mapping and data of each study. */
function checkStudies(folder: string, { studies }: NodeFile): readonly Finding[] {
  const findings: Finding[] = [];
  try {
    const { release } = policyAt(nodeFolder(folder).policy).modalities;
    findings.push({
      check: 'policy',
      state: 'ok',
      found: `releases ${[...release].join(', ') || 'nothing'}`,
    });
  } catch (error) {
    findings.push(failedBy('policy', error, 'has faults', 'correct policy.yaml'));
  }
  for (const [study, { mapping, data }] of studies) {
    const missing = [mapping, data].filter(
      (path) => !existsSync(isAbsolute(path) ? path : join(folder, path)),
    );
    findings.push(
      missing.length === 0
        ? { check: 'data', state: 'ok', found: `${study}: mapping and data are there` }
        : {
            check: 'data',
            state: 'failed',
            found: `${study}: ${missing.join(' and ')} missing`,
            cause: 'site.yaml names what is not there, or may not be read by this user',
            fix: 'correct studies in site.yaml, then try consilium site check-data',
          },
    );
  }
  return findings;
}

/** From the proxy to the coordinator's signature, as far as each step lets the next one go. */
async function lineFindings(
  node: NodeFile,
  membership: Membership,
  options: { readonly folder: string } & NodeDoctorTools,
  io: CommandIo,
): Promise<readonly Finding[]> {
  if (node.coordinator === undefined) {
    const cause = 'site.yaml names no coordinator';
    return [
      { check: 'coordinator', state: 'failed', found: 'none', cause, fix: 'enroll: consilium site enroll' },
    ];
  }
  const address = addressOf(node.coordinator);
  const host = address.slice(0, address.lastIndexOf(':'));
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  const { finding, proxy } = checkProxy(host, { environment: options.environment, named: node.proxy });
  const line = { host, port, proxy, clock: options.monotonic };
  const dns = await checkDns(line);
  if (dns.state === 'failed') return [finding, dns];
  const tcp = await checkTcp(line);
  if (tcp.socket === undefined) return [finding, dns, tcp.finding];
  const pinned = membership.current().coordinator?.spki ?? [];
  const tls = await checkTls(tcp.socket, { host, pinned });
  const reached = [finding, dns, tcp.finding, tls];
  if (tls.state === 'failed') return reached;
  try {
    const enrolled = await openNode(options.folder, options.passphrase);
    const asked = await checkCoordinator(enrolled, { clock: options.clock, signal: io.signal });
    const { holdMs } = options;
    const held =
      holdMs === undefined ? [] : await holdFindings(line, enrolled, { holdMs, signal: io.signal });
    return [...reached, ...asked.findings, ...held];
  } catch (error) {
    if (!(error instanceof ConsiliumError)) throw error;
    const fix = error.hint ?? 'give the passphrase';
    return [
      ...reached,
      { check: 'coordinator', state: 'warning', found: 'not asked', cause: error.message, fix },
    ];
  }
}

async function holdFindings(
  line: Line,
  { tlsKey, chain }: EnrolledNode,
  options: { readonly holdMs: number; readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const { socket, finding } = await checkTcp(line);
  if (socket === undefined) return [finding];
  const own = { key: tlsKey.privateKeyPem, chain };
  return [await checkHold(socket, { host: line.host, own, clock: line.clock, ...options })];
}
