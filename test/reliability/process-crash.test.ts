import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/core/clock.ts';
import { makeTrial } from '../../simulations/trial/make-trial.ts';
import { generatedContent } from '../../simulations/trial/trial-content.ts';
import { type ProcessNetwork, processNetwork } from '../helpers/process-network.ts';
import { freePort, simulatedModel, storedResult } from '../helpers/trial-outcome.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'consilium.ts');

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'consilium-process-crash-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function siteInit(folder: string, failpoint: string) {
  const command = ['site', 'init', '--site', 'north', '--no-passphrase', '--dir', folder];
  return spawnSync(process.execPath, ['--import', 'tsx', PROGRAM, ...command], {
    env: { ...process.env, CONSILIUM_FAILPOINT: failpoint },
    encoding: 'utf8',
  });
}

describe('a process with a failpoint', () => {
  it('R2: ends there as kill -9 would end it, with the write that was under way', () => {
    const folder = join(root, 'a');
    expect(siteInit(folder, 'identity.key.part.synced:exit').signal).toBe('SIGKILL');
    const names = readdirSync(join(folder, 'keys'));
    expect(names).toContain('identity.key.part');
    expect(names).not.toContain('identity.key');
  }, 30_000);

  it('does not start where the failpoint is none', () => {
    const { status, stderr } = siteInit(join(root, 'b'), 'identity.key.boiled:exit');
    expect([status, stderr]).toEqual([4, expect.stringContaining('BAD_ARGUMENT')]);
  }, 30_000);
});

/** Where the coordinator dies, one after the other. CONSILIUM_FAILPOINTS=all: many more, some minutes. */
const IS_LONG = process.env['CONSILIUM_FAILPOINTS'] === 'all';
const COORDINATOR_DEATHS = [
  'blobs.renamed:exit:3',
  ...(IS_LONG ? ['study.json.part.synced:exit', 'staging.written:torn:2'] : []),
  ...(IS_LONG ? [1, 5, 9, 13] : []).flatMap((count) => [
    `audit.written:torn:${count}`,
    `staging.synced:exit:${count}`,
    `blobs.settled:exit:${count}`,
  ]),
];
const SITE_DEATHS = [
  'ledger.jsonl.written:torn',
  'outbox.renamed:exit',
  ...(IS_LONG ? ['memory.synced:exit', 'ledger.jsonl.synced:exit:3'] : []),
  ...(IS_LONG ? [1, 3, 5] : []).flatMap((count) => [
    `audit.written:torn:${count}`,
    `outbox.synced:exit:${count}`,
    `memory.settled:exit:${count}`,
    `study-heads.json.renamed:exit:${count}`,
  ]),
];
const ROUNDS = IS_LONG ? 40 : 4;

describe('daemons with failpoints', () => {
  let network: ProcessNetwork | undefined;
  let isOver = false;
  afterEach(() => {
    isOver = true;
    return network?.stop();
  });

  it('R1 R2: that die at chosen durable writes end with the simulation, bit for bit', async () => {
    const trial = await makeTrial({
      folder: join(root, 'trial'),
      content: generatedContent(
        3,
        new Map([
          ['merge.minHolders', '3'],
          ['training.rounds', String(ROUNDS)],
        ]),
      ),
      port: await freePort(),
      nowMs: systemClock.now(),
    });
    const daemons = processNetwork(trial, 'cpu');
    network = daemons;
    const [mortal, ...others] = trial.sites.map(({ site }) => site as string);
    for (const site of others) daemons.start(site);
    const deaths: (string | null)[] = [];
    const die = async (name: string, failpoints: readonly string[]) => {
      for (const failpoint of failpoints) {
        daemons.start(name, { CONSILIUM_FAILPOINT: failpoint });
        const signal = await daemons.ended(name);
        if (isOver) return;
        deaths.push(`${failpoint} ${signal}`);
      }
      daemons.start(name);
    };
    const dying = [die('coordinator', COORDINATOR_DEATHS), die(mortal as string, SITE_DEATHS)];
    await daemons.startStudy();
    const expected = await simulatedModel(trial);
    for (;;) {
      const { summary } = await daemons.status();
      expect(summary.phase, daemons.logOf('coordinator')).not.toBe('aborted');
      if (summary.phase === 'complete') break;
      await pause(100);
    }
    isOver = true;
    await daemons.stop();
    await Promise.all(dying);
    const planned = [...COORDINATOR_DEATHS, ...SITE_DEATHS].map((failpoint) => `${failpoint} SIGKILL`);
    expect(deaths.sort()).toEqual(planned.sort());
    const { modelHash, contributions } = await storedResult(trial.coordinator, trial.studyHash);
    expect(modelHash).toBe(expected);
    expect(contributions).toEqual(new Map(Array.from({ length: ROUNDS }, (_, i) => [i + 1, 3])));
  }, 600_000);
});
