import { resolve } from 'node:path';
import { Option } from 'commander';
import { systemClock } from '../../shared/core/clock.ts';
import { seededRandom } from '../../shared/core/random.ts';
import type { GlobalOptions } from '../runner.ts';
import { packageVersion } from '../version.ts';

export interface FolderFlags extends GlobalOptions {
  readonly dir: string;
}

export function nodeDir(): Option {
  return new Option('--dir <dir>', 'the node folder')
    .default('.', 'the current one')
    .argParser((path) => resolve(path));
}

/** For this process: gRPC has no other setting for it. */
export function useProxy(url: string): void {
  process.env['grpc_proxy'] = url;
}

/** What a command that calls the coordinator is handed. */
export function callOptions({ dir }: FolderFlags) {
  return {
    folder: dir,
    clock: systemClock,
    uniform: seededRandom('pauses of a command', process.pid).uniform,
    software: packageVersion(),
  };
}
