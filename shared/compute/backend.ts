import { ConsiliumError } from '../core/errors.ts';
import { registerGradientFixes } from './gradient-fixes.ts';
import { prepareNative } from './native-environment.ts';
import { loadNative, loadWasm, startWasm, TFJS_NAME, tf } from './tf.ts';
import { registerWasmKernels } from './wasm-gradients.ts';

export type BackendName = 'native' | 'wasm' | 'cpu';

/** Recorded with every run: equal bits are promised only within one such setting. */
export interface BackendReport {
  readonly name: BackendName;
  readonly tfjsVersion: string;
  /** The library that computes, with its version. */
  readonly engine: string;
  readonly nodeVersion: string;
  /** Threads of one operation. wasm and cpu have one; more cores are used by more worker threads. */
  readonly threads: number;
  /** `TF_ENABLE_ONEDNN_OPTS`, which changes bits; undefined where oneDNN has no part. */
  readonly oneDnn: '0' | '1' | 'default' | undefined;
  /** Why each faster backend was passed over. */
  readonly whyNotFaster?: string;
  /** How to get the fastest one. */
  readonly hint?: string;
  /** All of the above for a terminal. */
  readonly oneLine: string;
}

type Started = Pick<BackendReport, 'engine' | 'threads' | 'oneDnn'>;

const FASTEST_FIRST: readonly BackendName[] = ['native', 'wasm', 'cpu'];

const START: Record<BackendName, () => Promise<Started>> = {
  native: startNative,
  wasm: startWasmBackend,
  cpu: startCpu,
};

const HINT: Record<BackendName, string> = {
  native: 'Run `npm run native` once (it needs python3 with pip, g++ and a Python package mirror).',
  wasm: 'Run `npm ci` again: @tensorflow/tfjs-backend-wasm belongs to the installation.',
  cpu: 'Run `npm ci` again: @tensorflow/tfjs belongs to the installation.',
};

/**
 * Starts the fastest backend that works here, or the one asked for, and makes it the current one.
 * Every worker thread calls it for itself: an engine belongs to its thread. A process whose workers use `native`
 * calls {@link prepareNative} on its main thread first.
 * @throws ConsiliumError `BACKEND_UNAVAILABLE` when the one asked for does not start.
 */
export async function chooseBackend(options: { prefer?: BackendName | 'auto' } = {}): Promise<BackendReport> {
  registerGradientFixes();
  const prefer = options.prefer ?? 'auto';
  const candidates = prefer === 'auto' ? FASTEST_FIRST : [prefer];
  const refused: { name: BackendName; reason: string; cause: unknown }[] = [];
  for (const name of candidates) {
    try {
      const started = await START[name]();
      return report(name, started, refused);
    } catch (cause) {
      refused.push({ name, reason: firstLine(cause), cause });
    }
  }
  const reasons = refused.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new ConsiliumError(
    'BACKEND_UNAVAILABLE',
    `compute backend: expected ${candidates.join(', ')} to start, got ${reasons}`,
    {
      hint: HINT[candidates[0] ?? 'cpu'],
      cause: refused[0]?.cause,
    },
  );
}

async function startNative(): Promise<Started> {
  prepareNative();
  const { version, tensorflow } = await loadNative();
  if (!(await tf.setBackend(TFJS_NAME.native))) throw new Error('tfjs-node: expected its backend to start');
  return {
    engine: `tfjs-node ${version}, TensorFlow ${tensorflow}`,
    threads: Number(process.env['TF_NUM_INTRAOP_THREADS']),
    oneDnn: oneDnnSetting(),
  };
}

function oneDnnSetting(): '0' | '1' | 'default' {
  const setting = process.env['TF_ENABLE_ONEDNN_OPTS'];
  return setting === '0' || setting === '1' ? setting : 'default';
}

async function startWasmBackend(): Promise<Started> {
  const { version, simd } = await loadWasm();
  if (!(await startWasm())) throw new Error('tfjs-backend-wasm: expected it to start');
  registerWasmKernels();
  return {
    engine: `tfjs-backend-wasm ${version}${simd ? '' : ' without SIMD'}`,
    threads: 1,
    oneDnn: undefined,
  };
}

async function startCpu(): Promise<Started> {
  if (!(await tf.setBackend(TFJS_NAME.cpu))) throw new Error('tfjs-backend-cpu: expected it to start');
  return { engine: `tfjs-backend-cpu ${tf.version['tfjs-backend-cpu']}`, threads: 1, oneDnn: undefined };
}

function report(
  name: BackendName,
  started: Started,
  refused: readonly { name: BackendName; reason: string }[],
): BackendReport {
  const fastest = refused[0];
  const whyNotFaster = refused.map((other) => `${other.name}: ${other.reason}`).join('; ');
  const threads = `${started.threads} thread${started.threads === 1 ? '' : 's'}`;
  const oneDnn = started.oneDnn === undefined ? '' : `, oneDNN ${started.oneDnn}`;
  const used = `${name} (${started.engine}, ${threads}${oneDnn})`;
  return {
    name,
    tfjsVersion: tf.version_core,
    nodeVersion: process.version,
    ...started,
    ...(fastest === undefined ? {} : { whyNotFaster, hint: HINT[fastest.name] }),
    oneLine: fastest === undefined ? used : `${used}; not ${whyNotFaster}. ${HINT[fastest.name]}`,
  };
}

/** The reason without the loader's advice, paths and stack, which do not fit this project. */
function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/Cannot find (package|module)|Failed to load url/.test(message)) return 'not installed';
  if (message.includes('native addon module')) return 'installed without its addon';
  return (message.split('\n')[0] ?? '').trim();
}
