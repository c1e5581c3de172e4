import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFolder } from '../../client/node/node-folder.ts';
import { openParty } from '../../client/node/party-file.ts';
import { connect } from '../../client/rpc/connection.ts';
import { coordinatorClient } from '../../client/rpc/coordinator-client.ts';
import { type SignedCalls, signedCalls } from '../../client/rpc/signed-calls.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { encoderBlock, modalityId, SITE_BLOCK, type SiteId, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { readSigningKey, readTlsKey } from '../../shared/crypto/key-file.ts';
import { signApproval } from '../../shared/identity/approval.ts';
import { openMembership } from '../../shared/identity/membership.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import { openSource, readSignedStudyText } from '../../shared/identity/signed-study.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { BlockUpdate, Declaration, Instruction } from '../../shared/protocol/messages.ts';
import type { Study } from '../../shared/study/study.ts';
import { encodeFetchRostersRequest } from '../../shared/wire/enrollment-codec.ts';
import { encodeStartStudyRequest } from '../../shared/wire/operator-codec.ts';
import { encodeApproval } from '../../shared/wire/study-codec.ts';
import { makeTrial, type Trial } from '../trial/make-trial.ts';
import { type CuttingProxy, cuttingProxy } from './cutting-proxy.ts';
import { type BenchmarkResult, benchmarkResult } from './runner.ts';

export interface LargeUpdateOptions {
  /** Of the vectors that the one encoder reads. */
  readonly width: number;
  readonly hidden: readonly number[];
  readonly sites: number;
  readonly rounds: number;
}

const GENES = modalityId('genes');
const PORT = 18_900;
const MIB = 2 ** 20;
const NO_PASSPHRASE = async () => undefined;

/**
 * A large model through a coordinator that is a process of its own: every site downloads it, uploads an update as large,
 * and the rounds are merged; one connection is cut in the middle of an upload and one in the middle of a download. No
 * site trains: its update is made up. The figures are the coordinator's memory against its largest block, and seconds.
 */
export async function largeUpdateBenchmark(options: LargeUpdateOptions): Promise<BenchmarkResult> {
  const scratch = mkdtempSync(join(tmpdir(), 'consilium-large-update-'));
  const source = sourceOf(options);
  const { study, hash } = openSource({ source, settings: new Map() });
  const layouts = [...studyLayouts(study).values()].filter(({ id }) => id !== SITE_BLOCK);
  const largestBytes = 4 * Math.max(...layouts.map(({ size }) => size));
  const ids = Array.from({ length: options.sites }, (_, i) => siteId(`site-${i + 1}`));
  const trial = await makeTrial({
    folder: join(scratch, 'trial'),
    port: PORT,
    nowMs: systemClock.now(),
    content: {
      source,
      settings: new Map(),
      sites: ids.map((site) => ({
        site,
        holds: [GENES],
        mapping: '',
        data: { kind: 'folder', path: scratch },
      })),
    },
  });
  const coordinator = startCoordinator(trial);
  const proxy = await cuttingProxy(PORT);
  try {
    await untilListening(trial);
    const startBytes = memoryOf(coordinator, 'VmRSS');
    const began = performance.now();
    await startStudy(trial);
    const startS = seconds(began);
    const run = { trial, study, hash, port: proxy.port, largestBytes };
    const first = performance.now();
    await Promise.all(ids.map((site, i) => takePart(site, { ...run, proxy: i === 0 ? proxy : undefined })));
    const roundsS = seconds(first);
    const peakBytes = memoryOf(coordinator, 'VmHWM');
    return benchmarkResult(
      'large-update',
      {
        ...options,
        hidden: options.hidden.join(' '),
        load: (loadavg()[0] as number).toFixed(1),
        cuts: proxy.cuts(),
      },
      {
        parameters: layouts.reduce((sum, { size }) => sum + size, 0),
        'largest block MB': largestBytes / MIB,
        'start of the study: s': startS,
        'all rounds: s': roundsS,
        'bytes through: MB/s': (2 * options.sites * options.rounds * largestBytes) / MIB / roundsS,
        'coordinator idle MB': startBytes / MIB,
        'coordinator peak MB': peakBytes / MIB,
        'peak above 3 largest blocks + 256 MB': peakBytes - 3 * largestBytes - 256 * MIB > 0,
        'peak ÷ largest block': peakBytes / largestBytes,
      },
    );
  } finally {
    proxy.close();
    coordinator.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
  }
}

function sourceOf({ width, hidden, rounds }: LargeUpdateOptions): string {
  return `study: large
seed: 1
task: { kind: binary, label: ill }
modalities: { ${GENES}: { kind: embedding, width: ${width}, hidden: [${hidden.join(', ')}] } }
model: { embedding: 8 }
training: { rounds: ${rounds}, epochs: 1 }
merge: { minHolders: 3, minPatients: 1 }
evaluation: { every: ${rounds}, minCell: 1 }
`;
}

function startCoordinator({ coordinator }: Trial): ChildProcess {
  const program = join(import.meta.dirname, '..', '..', 'bin', 'consilium.ts');
  return spawn(process.execPath, ['--import', 'tsx', program, 'coordinator', 'run', '--dir', coordinator], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function untilListening(trial: Trial): Promise<void> {
  const calls = await leadCalls(trial);
  await calls.call(
    '/consilium.v1.EnrollmentService/FetchRosters',
    encodeFetchRostersRequest({ afterVersion: 1 }),
  );
  calls.connection.close();
}

async function startStudy(trial: Trial): Promise<void> {
  const calls = await leadCalls(trial);
  const study = readSignedStudyText(readFileSync(trial.signedStudy, 'utf8'));
  if (study === undefined) throw new Error('a trial has a signed study');
  const body = encodeStartStudyRequest({ study, sites: [] });
  await calls.call('/consilium.v1.OperatorService/StartStudy', body, { deadlineMs: 120_000 });
  calls.connection.close();
}

async function leadCalls(trial: Trial): Promise<SignedCalls> {
  const { signer, membership, address } = await openParty(trial.lead, NO_PASSPHRASE);
  return callsOf(signer, { address, membership, own: undefined });
}

interface Part {
  readonly trial: Trial;
  readonly study: Study;
  readonly hash: Trial['studyHash'];
  readonly port: number;
  readonly largestBytes: number;
  /** Cuts this site's line once on each way. */
  readonly proxy: CuttingProxy | undefined;
}

async function takePart(
  site: SiteId,
  { trial, study, hash, port, largestBytes, proxy }: Part,
): Promise<void> {
  const folder = nodeFolder(join(trial.folder, site));
  const { key } = await readSigningKey(folder.identityKey, NO_PASSPHRASE);
  const tls = await readTlsKey(folder.tlsKey, NO_PASSPHRASE);
  const words = readFileSync(folder.words, 'utf8').trim();
  const membership = await openMembership({ store: rosterFolder(folder.rosters), pinned: { words } });
  const own = { key: tls.key.privateKeyPem, chain: readFileSync(folder.certificate, 'utf8') };
  const signer: Signer = { role: 'site', id: site, key };
  const calls = callsOf(signer, { address: `127.0.0.1:${port}`, membership, own });
  const approval = signApproval(signer, {
    site,
    studyHash: hash,
    policyHash: sha256('no policy'),
    untilMs: systemClock.now() + 3_600_000,
  });
  await calls.call('/consilium.v1.StudyService/Approve', encodeApproval(approval));
  const client = coordinatorClient({
    calls,
    site,
    studyHash: hash,
    roster: () => membership.current(),
    maxBlockBytes: largestBytes,
    onTrain: async () => undefined,
  });
  await client.declare(declarationOf(site, study, hash));
  for (;;) {
    const instruction = await client.awaitInstruction(site, new AbortController().signal);
    if (instruction.kind === 'finished') break;
    if (instruction.kind === 'census' || instruction.kind === 'secure') continue;
    if (instruction.kind === 'evaluate') {
      await client.decline(site, instruction.round);
      continue;
    }
    if (instruction.round === 1) proxy?.cutAfter(largestBytes / 2);
    for (const block of instruction.blocks.values()) await client.fetchBlock(block);
    if (instruction.round === 1) proxy?.cutAfter(largestBytes / 3);
    await client.submitUpdate({
      site,
      studyHash: hash,
      round: instruction.round,
      blocks: updateOf(study, instruction),
      loss: 1,
    });
  }
  calls.connection.close();
}

function declarationOf(site: SiteId, study: Study, hash: Part['hash']): Declaration {
  const [modality] = study.modalities;
  const width = modality?.kind === 'embedding' ? modality.width : 0;
  const ones = () => new Float64Array(width).fill(100);
  return {
    site,
    studyHash: hash,
    patients: 100,
    modalityPatients: new Map([[GENES, 100]]),
    moments: new Map([[GENES, { count: ones(), sum: new Float64Array(width), sumSquares: ones() }]]),
    classCounts: [50, 50],
    fromRound: 1,
  };
}

function updateOf(study: Study, { weights }: Extract<Instruction, { kind: 'train' }>): BlockUpdate[] {
  const layouts = studyLayouts(study);
  return [...weights].map(([block, weight]) => {
    const vector = new Int32Array(layouts.get(block)?.size ?? 0);
    if (block === encoderBlock(GENES)) for (let i = 0; i < vector.length; i += 997) vector[i] = 1;
    return { block, weight, steps: 0, vector, clipped: false };
  });
}

function callsOf(
  signer: Signer,
  line: {
    readonly address: string;
    readonly membership: Awaited<ReturnType<typeof openMembership>>;
    readonly own: { readonly key: string; readonly chain: string } | undefined;
  },
): SignedCalls {
  const { address, membership, own } = line;
  return signedCalls({
    connection: connect({
      address,
      clock: systemClock,
      tls: {
        roots: certificatesPem(membership.current().roots),
        own,
        pinned: () => membership.current().coordinator?.spki ?? [],
      },
    }),
    signer,
    roster: () => membership.current(),
    clock: systemClock,
    uniform: seededRandom('large update', signer.id).uniform,
    software: 'benchmark',
    signal: new AbortController().signal,
  });
}

/** From the kernel's account of the process, in bytes: `VmHWM` is the most it ever had. */
function memoryOf({ pid }: ChildProcess, field: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]);
}

function seconds(sinceMs: number): number {
  return (performance.now() - sinceMs) / 1000;
}
