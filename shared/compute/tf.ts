/**
 * The one door to `@tensorflow/*`. Model code takes `tf` and its types from here; nobody else imports the packages.
 * `@tensorflow/tfjs` as a whole, because tfjs-core with tfjs-layers alone lacks the chained operations.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';

export type {
  DataType,
  KernelConfig,
  NamedAttrMap,
  NamedTensorInfoMap,
  NamedTensorMap,
  Optimizer,
  Rank,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorInfo,
  TypedArray,
  Variable,
} from '@tensorflow/tfjs';
export { tf };

// Production mode silences tfjs's advertising and skips its per-kernel leak checks. It must be set before any backend
// starts, hence here.
tf.enableProdMode();

/** Names under which tfjs knows the backends. */
export const TFJS_NAME = { native: 'tensorflow', wasm: 'wasm', cpu: 'cpu' } as const;

/** Makes the wasm backend startable. @returns its version and whether this machine has SIMD for it. */
export async function loadWasm(): Promise<{ version: string; simd: boolean }> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const file = '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm';
  wasm.setWasmPaths(`${dirname(createRequire(import.meta.url).resolve(file))}/`);
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { version: wasm.version_wasm, simd: simd === true };
}

/**
 * Starts the wasm backend without the process-wide handlers that its loader installs: they would rethrow every
 * unhandled rejection of the daemon.
 */
export async function startWasm(): Promise<boolean> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as 'uncaughtException')));
  const started = await tf.setBackend(TFJS_NAME.wasm);
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[i]?.has(listener)) process.removeListener(event, listener);
    }
  });
  return started;
}

/**
 * Loads tfjs-node, which registers and starts its backend on the same engine as `tf`.
 * @returns its version and TensorFlow's.
 * @throws whatever its loader throws: the package is absent, has no addon, or the addon does not run here.
 */
export async function loadNative(): Promise<{ version: string; tensorflow: string }> {
  shimUtil();
  quietTensorFlow();
  // A name in a variable, because the package is optional and the compiler must not look for it.
  const name: string = '@tensorflow/tfjs-node';
  const loaded = (await quietly(() => import(name))) as { version: Record<string, string> };
  const backend = tf.findBackend(TFJS_NAME.native) as { binding?: { TF_Version?: string } } | null;
  // Two copies of tfjs-core would register it in an engine that nobody computes with.
  if (backend === null) throw new Error('tfjs-node: expected it to share this tree’s @tensorflow/tfjs-core');
  return { version: loaded.version['tfjs-node'] ?? '?', tensorflow: backend.binding?.TF_Version ?? '?' };
}

/** Loads what `npm run native` puts beside its addon to keep TensorFlow's greetings off the terminal; it may be absent. */
function quietTensorFlow(): void {
  try {
    const require = createRequire(import.meta.url);
    require(
      join(dirname(require.resolve('@tensorflow/tfjs-node/package.json')), 'lib', 'napi-v8', 'quiet.node'),
    );
  } catch {
    // Another build of tfjs-node, which greets; or none, which the import will say.
  }
}

/** tfjs-node 4.22 calls two functions that Node 23 and later removed (or deprecated) from `node:util`. */
function shimUtil(): void {
  const shimmed = util as unknown as Record<string, unknown>;
  shimmed['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  shimmed['isArray'] ??= Array.isArray;
}

/** Runs `load` without the deprecation warnings of what it loads (punycode, url.parse); other warnings still show. */
async function quietly<T>(load: () => Promise<T>): Promise<T> {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === 'DeprecationWarning') return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    return await load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
