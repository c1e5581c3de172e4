import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileLedger } from '../../client/storage/file-ledger.ts';
import { fileMemory } from '../../client/storage/memory-file.ts';
import { readAudit } from '../../shared/audit/audit-files.ts';
import { verifyAudit } from '../../shared/audit/verify.ts';
import { openAppendFile } from '../../shared/core/append-file.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import { SITE_BLOCK } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import {
  type Death,
  dieAtStep,
  Killed,
  leaveAsItIs,
  playDurably,
  SITE_KEY,
  sitePlaces,
} from '../helpers/durable-site.ts';
import { FOUR_SITES, playSite, type SmallSite, smallStudy } from '../helpers/federation.ts';
import { quickDisk, recordedDisk } from '../helpers/power-loss.ts';
import { startCoordinator } from '../helpers/run-study.ts';

const STUDY = smallStudy({ rounds: 2, every: 2 });
const [A, ...OTHERS] = FOUR_SITES as [SmallSite, ...SmallSite[]];

let root: string;
let runs = 0;
beforeAll(() => {
  root = mkdtempSync(join(quickDisk(), 'site-crash-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Run {
  readonly steps: number;
  readonly death: Death | undefined;
  readonly modelHash: string;
  readonly siteBlock: readonly number[];
  readonly contributions: number;
  /** Each message that the coordinator had heard of the site when it died, and is not on its ledger. */
  readonly offTheLedger: readonly string[];
}

type Leave = (from: string, to: string) => { end?(): void; leave(): void };

const killed: Leave = (from, to) => ({ leave: () => leaveAsItIs(from, to) });
const withoutPower =
  (seed: number): Leave =>
  (from, to) => {
    const disk = recordedDisk(from);
    return { end: disk.end, leave: () => disk.lose(to, seededRandom('power', seed)) };
  };

/** CONSILIUM_CRASH_SEEDS=300: so many power cuts at each step instead of one, about half an hour. */
const SEEDS = Number(process.env['CONSILIUM_CRASH_SEEDS'] ?? 1);

/** A study in which site a dies at a durable step, and goes on with what it left. */
async function run(at: number, how: Leave): Promise<Run> {
  runs += 1;
  const [first, second] = [join(root, `${runs}`), join(root, `${runs}-again`)];
  mkdirSync(first);
  const coordinator = await startCoordinator({ study: STUDY });
  const others = OTHERS.map((site) => playSite(coordinator, site));
  const heard: string[] = [];
  const fate = dieAtStep(first, at, { ...how(first, second), slowFile: sitePlaces(first).ledger });
  try {
    await playDurably(fate.alive(listening(coordinator, heard)), A, first);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  } finally {
    fate.end();
  }
  const folder = fate.death() === undefined ? first : second;
  const heardBefore = [...heard];
  const offTheLedger = await notOnLedger(folder, heardBefore);
  if (fate.death() !== undefined) await playDurably(listening(coordinator, heard), A, second);
  await Promise.all(others);
  const { status, modelHash, reports } = await coordinator.result();
  expect(status).toEqual({ kind: 'complete' });
  const { lines, checkpoints } = await readAudit(sitePlaces(folder).audit);
  const publicKey = SITE_KEY.publicKey;
  expect(verifyAudit({ lines, checkpoints, witnessed: [], publicKey })).toMatchObject({ ok: true });
  const memory = await fileMemory(sitePlaces(folder).memory, 'last-three').after(2);
  rmSync(first, { recursive: true });
  rmSync(second, { recursive: true, force: true });
  return {
    steps: fate.steps(),
    death: fate.death(),
    modelHash,
    siteBlock: [...(memory.get(SITE_BLOCK) ?? [])],
    contributions: reports.filter(({ blocks }) =>
      blocks.some(({ contributors }) => contributors.includes(A.site)),
    ).length,
    offTheLedger,
  };
}

function listening(port: CoordinatorPort, heard: string[]): CoordinatorPort {
  return {
    ...port,
    async declare(declaration) {
      heard.push('declaration 0');
      return port.declare(declaration);
    },
    async submitUpdate(update) {
      heard.push(`update ${update.round}`);
      return port.submitUpdate(update);
    },
    async submitEvaluation(evaluation) {
      heard.push(`evaluation ${evaluation.round}`);
      return port.submitEvaluation(evaluation);
    },
    awaitInstruction: (site: SiteId, signal) => port.awaitInstruction(site, signal),
  };
}

async function notOnLedger(folder: string, heard: readonly string[]): Promise<readonly string[]> {
  if (!existsSync(folder) || heard.length === 0) return heard;
  const ledger = await fileLedger(sitePlaces(folder).ledger);
  const lines = new Set((await ledger.lines()).map(({ kind, round }) => `${kind} ${round}`));
  await ledger.close();
  return heard.filter((message) => !lines.has(message));
}

describe('a site that dies', () => {
  let undisturbed: Run;
  beforeAll(async () => {
    undisturbed = await run(Number.POSITIVE_INFINITY, killed);
    // 1/8 of round 1 and 2/8 of round 2.
    expect(undisturbed.siteBlock).toEqual([0.375]);
    expect(undisturbed.steps).toBeGreaterThan(80);
  });

  const same = ({ modelHash, siteBlock, contributions, offTheLedger }: Run) => ({
    modelHash,
    siteBlock,
    contributions,
    offTheLedger,
  });

  it('R2: at any step of any durable write goes on to the same bits, and counts once', async () => {
    const places = new Set<string>();
    for (let at = 0; at < undisturbed.steps; at += 1) {
      const found = await run(at, killed);
      expect([at, same(found)]).toEqual([at, same(undisturbed)]);
      places.add(`${(found.death?.path ?? '').slice(root.length).split('/')[2] ?? ''}`);
    }
    const stores = ['audit', 'blocks', 'ledger.jsonl', 'memory', 'outbox', 'study-heads.json'];
    expect([...places]).toEqual(expect.arrayContaining(stores));
  }, 120_000);

  it(
    'R3: without power at any step goes on to the same bits, with all on its disk that was promised',
    async () => {
      for (let seed = 0; seed < SEEDS; seed += 1) {
        for (let at = 0; at < undisturbed.steps; at += 1) {
          const found = await run(at, withoutPower(1000 * seed + at));
          expect([seed, at, same(found)]).toEqual([seed, at, same(undisturbed)]);
        }
      }
    },
    SEEDS * 120_000,
  );
});

describe('a line that a power cut tore', () => {
  it('R3: is gone to the last byte with the next one, however short that is', async () => {
    const long = 'x'.repeat(400);
    const found = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      runs += 1;
      const [first, second] = [join(root, `${runs}`), join(root, `${runs}-again`)];
      mkdirSync(first);
      const mortal = await openAppendFile(join(first, 'lines'));
      await mortal.append(() => 'first');
      // Steps of an append: begin, written, synced.
      const fate = dieAtStep(first, 1, withoutPower(seed)(first, second));
      await expect(mortal.append(() => long)).rejects.toThrow(Killed);
      fate.end();
      await mortal.close();
      const next = await openAppendFile(join(second, 'lines'));
      await next.append(() => 'next');
      await next.close();
      found.add(readFileSync(join(second, 'lines'), 'utf8').replace(long, 'long'));
    }
    expect([...found].sort()).toEqual(['first\nlong\nnext\n', 'first\nnext\n']);
  });
});
