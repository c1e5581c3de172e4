import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runStudyStart, runStudyWatch } from '../../client/cli/study-control.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { seededRandom } from '../../shared/core/random.ts';
import type { Trial } from './make-trial.ts';

const STOP_MS = 15_000;

/**
 * Runs a trial: the coordinator and every site as a process of its own, with a log file each, the study from its start to
 * its end. All processes have ended when it resolves.
 * @throws ConsiliumError `INTERNAL` naming the log of a process that ends early; `INTERRUPTED`.
 */
export async function runTrial(
  trial: Trial,
  options: { readonly command: readonly string[]; readonly backend: string; readonly clock: Clock },
  io: CommandIo,
): Promise<CommandResult> {
  const failed = new AbortController();
  const signal = AbortSignal.any([io.signal, failed.signal]);
  const children: ChildProcess[] = [];

  function start(name: string, args: readonly string[]): void {
    const [program, ...first] = options.command;
    const log = join(trial.folder, `${name}.log`);
    const child = spawn(program as string, [...first, ...args, '--backend', options.backend], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const file = createWriteStream(log);
    child.stdout?.pipe(file);
    child.stderr?.pipe(file);
    child.once('exit', (code) => {
      if (code === 0 || signal.aborted) return;
      failed.abort(
        new ConsiliumError('INTERNAL', `${name}: expected it to run on, got exit code ${code}`, {
          hint: `See ${log}.`,
        }),
      );
    });
    children.push(child);
  }

  const party = {
    folder: trial.lead,
    passphrase: async () => undefined,
    clock: options.clock,
    uniform: seededRandom('trial').uniform,
    software: 'trial',
  };
  try {
    start('coordinator', ['coordinator', 'run', '--dir', trial.coordinator]);
    for (const { site, folder } of trial.sites) start(site, ['site', 'run', '--dir', folder]);
    const watching = { ...io, signal };
    await retried(() => runStudyStart({ ...party, file: trial.signedStudy, sites: [] }, watching), signal);
    return await runStudyWatch({ ...party, study: trial.studyHash, once: false }, watching);
  } catch (error) {
    if (failed.signal.aborted) throw failed.signal.reason;
    throw error;
  } finally {
    await Promise.all(children.map(stopped));
  }
}

/** The coordinator takes a moment to listen. */
async function retried(attempt: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    try {
      await attempt();
      return;
    } catch (error) {
      const mayPass = error instanceof ConsiliumError && error.spec.retryable;
      if (!mayPass || tries === 20) throw error;
      await pause(500, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Asks a process to stop, and ends it where it does not. */
async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
