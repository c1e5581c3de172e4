import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStudyStart, runStudyWatch } from '../../client/cli/study-control.ts';
import { systemClock } from '../../shared/core/clock.ts';
import type { CommandIo } from '../../shared/core/command-io.ts';
import { seededRandom } from '../../shared/core/random.ts';
import type { StudyStatus } from '../../shared/protocol/study-status.ts';
import type { Trial } from '../../simulations/trial/make-trial.ts';

/** The daemons of a trial as processes, which can be killed and started again. All are ended by `stop`. */
export interface ProcessNetwork {
  /** @param environment beside that of the tests, such as CONSILIUM_FAILPOINT. */
  start(name: string, environment?: Readonly<Record<string, string>>): void;
  /** Resolves when a process that was started has ended by itself, to the signal that ended it. */
  ended(name: string): Promise<NodeJS.Signals | null>;
  /** SIGKILL; resolves when the process is gone. */
  kill(name: string): Promise<void>;
  isRunning(name: string): boolean;
  startStudy(): Promise<void>;
  /** How the study stands, once the coordinator answers. */
  status(): Promise<StudyStatus>;
  /** The end of the process's log, for messages. */
  logOf(name: string): string;
  stop(): Promise<void>;
}

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'consilium.ts');

export function processNetwork(trial: Trial, backend: 'cpu' | 'wasm'): ProcessNetwork {
  const running = new Map<string, ChildProcess>();
  const stopping = new AbortController();
  const logFile = (name: string) => join(trial.folder, `${name}.log`);
  const party = {
    folder: trial.lead,
    passphrase: async () => undefined,
    clock: systemClock,
    uniform: seededRandom('process network').uniform,
    software: 'test',
  };
  const io: CommandIo = {
    progress: () => undefined,
    note: () => undefined,
    warn: () => undefined,
    signal: stopping.signal,
    isTerminal: false,
  };
  const argsOf = (name: string) => {
    if (name === 'coordinator') return ['coordinator', 'run', '--dir', trial.coordinator];
    const site = trial.sites.find((each) => each.site === name);
    return ['site', 'run', '--dir', site?.folder as string, '--backend', backend];
  };
  return {
    start(name, environment = {}) {
      const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...argsOf(name)], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...environment },
      });
      const log = createWriteStream(logFile(name), { flags: 'a' });
      child.stdout?.pipe(log, { end: false });
      child.stderr?.pipe(log, { end: false });
      child.once('exit', () => running.delete(name));
      running.set(name, child);
    },
    async ended(name) {
      const child = running.get(name);
      if (child === undefined) return null;
      return new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    },
    async kill(name) {
      const child = running.get(name);
      if (child === undefined) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
    isRunning: (name) => running.has(name),
    startStudy: async () => {
      await untilReachable(() => runStudyStart({ ...party, file: trial.signedStudy, sites: [] }, io));
    },
    status: async () => {
      const watch = () => runStudyWatch({ ...party, study: trial.studyHash, once: true }, io);
      return (await untilReachable(watch)).data as StudyStatus;
    },
    logOf: (name) => readFileSync(logFile(name), 'utf8').slice(-2000),
    async stop() {
      stopping.abort();
      await Promise.all(
        [...running.values()].map((child) => {
          const gone = new Promise((resolve) => child.once('exit', resolve));
          child.kill('SIGKILL');
          return gone;
        }),
      );
    },
  };
}

const PATIENCE_MS = 120_000;

/** The coordinator may be down, or on its way up. */
async function untilReachable<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (const endMs = performance.now() + PATIENCE_MS; ; ) {
    try {
      return await attempt();
    } catch (error) {
      const mayPass = (error as { spec?: { retryable?: boolean } }).spec?.retryable === true;
      if (!mayPass || performance.now() > endMs) throw error;
    }
  }
}
