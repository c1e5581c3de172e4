import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFolder } from '../../client/node/node-folder.ts';
import { coordinatorClient } from '../../client/rpc/coordinator-client.ts';
import { systemClock } from '../../shared/core/clock.ts';
import {
  type BlockId,
  encoderBlock,
  modalityId,
  SITE_BLOCK,
  type SiteId,
  siteId,
} from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { readSigningKey, readTlsKey } from '../../shared/crypto/key-file.ts';
import { signApproval } from '../../shared/identity/approval.ts';
import { type Membership, openMembership } from '../../shared/identity/membership.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import { openSource } from '../../shared/identity/signed-study.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { Declaration } from '../../shared/protocol/messages.ts';
import type { Study } from '../../shared/study/study.ts';
import { encodeApproval } from '../../shared/wire/study-codec.ts';
import { makeTrial, type Trial } from '../trial/make-trial.ts';
import { NO_PASSPHRASE, partyCalls } from './coordinator-process.ts';

/** A study whose one encoder has as many parameters as are wanted, and sites of a trial that hold nothing else. */
export interface ScriptedStudy {
  readonly trial: Trial;
  readonly study: Study;
  readonly sites: readonly SiteId[];
  /** Of all blocks that are shared. */
  readonly parameters: number;
  readonly largestBytes: number;
  /** Every site's update in every round. */
  readonly vectors: ReadonlyMap<BlockId, Int32Array>;
}

export interface ScriptedStudyOptions {
  /** Of the vectors that the one encoder reads. */
  readonly width: number;
  readonly hidden: readonly number[];
  readonly sites: number;
  readonly rounds: number;
}

const GENES = modalityId('genes');

/** Keys, certificates and folders below `folder`; the coordinator is to listen at `port`. */
export async function scriptedStudy(
  { width, hidden, sites, rounds }: ScriptedStudyOptions,
  { folder, port }: { readonly folder: string; readonly port: number },
): Promise<ScriptedStudy> {
  const source = `study: scripted
seed: 1
task: { kind: binary, label: ill }
modalities: { ${GENES}: { kind: embedding, width: ${width}, hidden: [${hidden.join(', ')}] } }
model: { embedding: 8 }
training: { rounds: ${rounds}, epochs: 1 }
merge: { minHolders: 3, minPatients: 1 }
evaluation: { every: ${rounds}, minCell: 1 }
`;
  const { study } = openSource({ source, settings: new Map() });
  const ids = Array.from({ length: sites }, (_, i) => siteId(`site-${i + 1}`));
  const trial = await makeTrial({
    folder,
    port,
    nowMs: systemClock.now(),
    content: {
      source,
      settings: new Map(),
      sites: ids.map((site) => ({
        site,
        holds: [GENES],
        mapping: '',
        data: { kind: 'folder', path: folder },
      })),
    },
  });
  const layouts = [...studyLayouts(study).values()].filter(({ id }) => id !== SITE_BLOCK);
  return {
    trial,
    study,
    sites: ids,
    parameters: layouts.reduce((sum, { size }) => sum + size, 0),
    largestBytes: 4 * Math.max(...layouts.map(({ size }) => size)),
    vectors: new Map(layouts.map(({ id, size }) => [id, madeUp(id, size)])),
  };
}

export interface ScriptedSite {
  /** Of the coordinator, or of what stands before it. */
  readonly port: number;
  readonly beforeDownload?: (round: number) => void;
  readonly beforeUpload?: (round: number) => void;
}

/**
 * Takes part in all rounds as a site does, over a connection of its own, but does not train: it downloads every block and
 * uploads an update as large, made up. It evaluates nothing.
 */
export async function takePart(
  site: SiteId,
  { trial, study, largestBytes, vectors }: ScriptedStudy,
  { port, beforeDownload, beforeUpload }: ScriptedSite,
): Promise<void> {
  const studyHash = trial.studyHash;
  const folder = nodeFolder(join(trial.folder, site));
  const { key } = await readSigningKey(folder.identityKey, NO_PASSPHRASE);
  const { membership, own } = await siteTls(trial, site);
  const signer: Signer = { role: 'site', id: site, key };
  const calls = partyCalls(signer, { address: `127.0.0.1:${port}`, membership, own });
  const approval = signApproval(signer, {
    site,
    studyHash,
    policyHash: sha256('no policy'),
    untilMs: systemClock.now() + 3_600_000,
  });
  await calls.call('/consilium.v1.StudyService/Approve', encodeApproval(approval));
  const client = coordinatorClient({
    calls,
    site,
    studyHash,
    roster: () => membership.current(),
    maxBlockBytes: largestBytes,
    onTrain: async () => undefined,
  });
  await client.declare(declarationOf(site, study, studyHash));
  for (;;) {
    const instruction = await client.awaitInstruction(site, new AbortController().signal);
    if (instruction.kind === 'finished') break;
    if (instruction.kind === 'census' || instruction.kind === 'secure') continue;
    const { round } = instruction;
    if (instruction.kind === 'evaluate') {
      await client.decline(site, round);
      continue;
    }
    beforeDownload?.(round);
    for (const block of instruction.blocks.values()) await client.fetchBlock(block);
    beforeUpload?.(round);
    const blocks = [...instruction.weights].map(([block, weight]) => ({
      block,
      weight,
      steps: 0,
      vector: vectors.get(block) as Int32Array,
      clipped: false,
    }));
    await client.submitUpdate({ site, studyHash, round, blocks, loss: 1 });
  }
  calls.connection.close();
}

/** What the site proves itself with, and knows the coordinator by. */
export async function siteTls(
  trial: Trial,
  site: SiteId,
): Promise<{
  readonly membership: Membership;
  readonly own: { readonly key: string; readonly chain: string };
}> {
  const folder = nodeFolder(join(trial.folder, site));
  const tls = await readTlsKey(folder.tlsKey, NO_PASSPHRASE);
  const words = readFileSync(folder.words, 'utf8').trim();
  const membership = await openMembership({ store: rosterFolder(folder.rosters), pinned: { words } });
  return {
    membership,
    own: { key: tls.key.privateKeyPem, chain: readFileSync(folder.certificate, 'utf8') },
  };
}

function declarationOf(site: SiteId, study: Study, studyHash: Trial['studyHash']): Declaration {
  const [modality] = study.modalities;
  const width = modality?.kind === 'embedding' ? modality.width : 0;
  const ones = () => new Float64Array(width).fill(100);
  return {
    site,
    studyHash,
    patients: 100,
    modalityPatients: new Map([[GENES, 100]]),
    moments: new Map([[GENES, { count: ones(), sum: new Float64Array(width), sumSquares: ones() }]]),
    classCounts: [50, 50],
    fromRound: 1,
  };
}

/** Small, and not all zero. */
function madeUp(block: BlockId, size: number): Int32Array {
  const vector = new Int32Array(size);
  if (block === encoderBlock(GENES)) for (let i = 0; i < size; i += 997) vector[i] = 1;
  return vector;
}
