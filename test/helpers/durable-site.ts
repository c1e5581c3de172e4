import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { witnessedHeads } from '../../client/node/witnessed-heads.ts';
import { participate } from '../../client/rounds/participant.ts';
import { fileBlockCache, withBlockCache } from '../../client/storage/block-cache.ts';
import { fileLedger } from '../../client/storage/file-ledger.ts';
import { fileMemory } from '../../client/storage/memory-file.ts';
import { fileOutbox } from '../../client/storage/outbox.ts';
import { fileTrainingTime } from '../../client/storage/training-time.ts';
import { outlet } from '../../client/update/outlet.ts';
import { openAuditLog } from '../../shared/audit/audit-log.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { type DurableStep, watchDurableWrites } from '../../shared/core/failpoint.ts';
import { signingKeyOf } from '../../shared/crypto/sign.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import { declarationOf, type SmallSite, STUDY_HASH, smallStudy } from './federation.ts';
import { isWithin } from './power-loss.ts';
import { tinyTrainer } from './tiny-trainer.ts';

export const SITE_KEY = signingKeyOf(new Uint8Array(32).fill(9));

/** Where a site of these tests keeps what it has. */
export function sitePlaces(folder: string) {
  const at = (name: string) => join(folder, name);
  return {
    ledger: at('ledger.jsonl'),
    trainingTime: at('training-time.jsonl'),
    heads: at('study-heads.json'),
    audit: at('audit'),
    blocks: at('blocks'),
    memory: at('memory'),
    outbox: at('outbox'),
  };
}

/**
 * A site with every store that a daemon has, in a folder, until the study is over. Its policy allows everything; what it
 * trains follows from the round alone.
 * @returns the rounds that it trained.
 */
export async function playDurably(
  coordinator: CoordinatorPort,
  small: SmallSite,
  folder: string,
): Promise<readonly number[]> {
  mkdirSync(folder, { recursive: true });
  const places = sitePlaces(folder);
  const clock = systemClock;
  const open: { close(): Promise<void> }[] = [];
  const kept = <File extends { close(): Promise<void> }>(file: File): File => {
    open.push(file);
    return file;
  };
  try {
    const audit = kept(await openAuditLog({ folder: places.audit, key: SITE_KEY, clock }));
    const ledger = kept(await fileLedger(places.ledger));
    const trainingTime = kept(await fileTrainingTime(places.trainingTime));
    const heads = await witnessedHeads(places.heads);
    const outbox = fileOutbox(places.outbox);
    const trainer = tinyTrainer();
    const instructed: CoordinatorPort = {
      ...coordinator,
      async awaitInstruction(site, signal) {
        const instruction = await coordinator.awaitInstruction(site, signal);
        if (instruction.kind === 'train') await heads.instructed(STUDY_HASH, instruction.round);
        return instruction;
      },
    };
    const port = outlet(withBlockCache(instructed, fileBlockCache(places.blocks, { maxBytes: 1e6, clock })), {
      study: STUDY_HASH,
      gate: {
        refusals: async () => [],
        record: async (entry) => {
          await audit.append({ ...entry, study: STUDY_HASH });
        },
        trained: (durationMs) => trainingTime.add({ endMs: clock.now(), durationMs }),
      },
      ledger,
      outbox,
      clock,
    });
    await participate({
      site: small.site,
      study: smallStudy(),
      studyHash: STUDY_HASH,
      declaration: declarationOf(small),
      port,
      trainer,
      memory: fileMemory(places.memory, 'last-three'),
      signal: new AbortController().signal,
    });
    return trainer.asked.map(({ round }) => round);
  } finally {
    await Promise.allSettled(open.map((file) => file.close()));
  }
}

/** What a test throws where a process would have ended. */
export class Killed extends Error {}

export interface Death {
  readonly step: DurableStep;
  readonly path: string;
}

/**
 * Lets a process die at one of the durable steps within a folder: from there on, every one of them throws.
 * @param at the step, from 0; Infinity lets it live.
 * @param options.leave makes of the folder what is found after the death. @param options.end of what watches the disk.
 * @param options.slowFile a file whose steps each wait until the process does nothing else any more: what should have
 * waited for them has gone ahead by then.
 */
export function dieAtStep(
  folder: string,
  at: number,
  options: {
    readonly leave: (death: Death) => void;
    readonly end?: () => void;
    readonly slowFile?: string;
  },
) {
  let steps = 0;
  let death: Death | undefined;
  const endWatch = watchDurableWrites(async (step, path) => {
    if (!isWithin(path, folder)) return;
    if (path === options.slowFile) await untilIdle(() => steps);
    if (death !== undefined) throw new Killed();
    if (steps === at) {
      death = { step, path };
      options.leave(death);
      throw new Killed();
    }
    steps += 1;
  });
  return {
    end() {
      endWatch();
      options.end?.();
    },
    /** How often a step was reached. */
    steps: () => steps,
    death: () => death,
    /** The port of the process: a dead one sends nothing. */
    alive(port: CoordinatorPort): CoordinatorPort {
      const check = () => {
        if (death !== undefined) throw new Killed();
      };
      const guarded = Object.entries(port).map(([name, call]) => [
        name,
        typeof call !== 'function'
          ? call
          : async (...args: unknown[]) => {
              check();
              return (call as (...each: unknown[]) => unknown)(...args);
            },
      ]);
      return Object.fromEntries(guarded) as CoordinatorPort;
    },
  };
}

/** Turns of the event loop without a step after which nothing else is under way. */
const IDLE_TURNS = 100;

async function untilIdle(steps: () => number): Promise<void> {
  for (let [turns, seen] = [0, steps()]; turns < IDLE_TURNS; turns += 1) {
    await setImmediate();
    if (steps() !== seen) [turns, seen] = [0, steps()];
  }
}

/** As `kill -9` leaves it: everything that was written, synced or not. */
export function leaveAsItIs(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
}
