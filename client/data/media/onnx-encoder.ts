import { ConsiliumError } from '../../../shared/core/errors.ts';

/** A frozen model that reads tokens; the one door to ONNX Runtime. */
export interface OnnxEncoder {
  /** One vector per token, or one for all: [vectors, width]. */
  encode(ids: readonly number[]): Promise<{ readonly values: Float32Array; readonly width: number }>;
  close(): Promise<void>;
}

/** The part of `onnxruntime-node` that is used: it is no dependency, so its own types may not be there. */
interface Runtime {
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<Session>;
  };
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, unknown>>, fetches: readonly string[]): Promise<Record<string, Output>>;
  release(): Promise<void>;
}

interface Output {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}

const LIBRARY = 'onnxruntime-node';
/** Without the scripts of the package, which only fetch what a GPU needs: the rest is in it. */
const INSTALL = `npm install --no-save --ignore-scripts ${LIBRARY}@1.24.3`;
/** What each input that a text model may have is given for every token. */
const INPUTS: Readonly<Record<string, 'ids' | 0n | 1n>> = {
  input_ids: 'ids',
  attention_mask: 1n,
  token_type_ids: 0n,
};
const OUTPUT = 'last_hidden_state';

/**
 * Loads a text model.
 * @param file for messages only.
 * @throws ConsiliumError `BACKEND_UNAVAILABLE` where ONNX Runtime is not installed; `ASSET_INVALID` for a file that is
 * no model, or no model of a text.
 */
export async function onnxEncoder(bytes: Uint8Array, file: string): Promise<OnnxEncoder> {
  const { InferenceSession, Tensor } = await runtime(file);
  let session: Session;
  try {
    session = await InferenceSession.create(bytes, { executionProviders: ['cpu'], logSeverityLevel: 3 });
  } catch (cause) {
    throw unusable(file, 'a model in ONNX, with its weights in the one file', 'another file', cause);
  }
  const { inputNames, outputNames } = session;
  const strange = inputNames.filter((name) => !(name in INPUTS));
  if (strange.length > 0 || !inputNames.includes('input_ids')) {
    await session.release();
    const got = inputNames.slice(0, 5).join(', ') || 'none';
    throw unusable(file, `the inputs ${Object.keys(INPUTS).join(', ')}, of which the first`, got);
  }
  const output = outputNames.includes(OUTPUT) ? OUTPUT : (outputNames[0] ?? OUTPUT);
  return {
    async encode(ids) {
      const feeds = Object.fromEntries(
        inputNames.map((name) => {
          const fill = INPUTS[name] ?? 0n;
          const values = BigInt64Array.from(ids, (id) => (fill === 'ids' ? BigInt(id) : fill));
          return [name, new Tensor('int64', values, [1, ids.length])];
        }),
      );
      let found: Output | undefined;
      try {
        found = (await session.run(feeds, [output]))[output];
      } catch (cause) {
        throw unusable(file, `a model that takes ${ids.length} tokens`, 'a failure of the runtime', cause);
      }
      const { data, dims = [] } = found ?? {};
      const isVectors = (dims.length === 2 || (dims.length === 3 && dims[1] === ids.length)) && dims[0] === 1;
      if (!(data instanceof Float32Array) || !isVectors) {
        const got = `${found?.type ?? 'nothing'} [${dims.join(', ')}]`;
        throw unusable(file, `float32 [1, ${ids.length}, width] or [1, width] as ${output}`, got);
      }
      return { values: data, width: dims.at(-1) as number };
    },
    close: () => session.release(),
  };
}

async function runtime(file: string): Promise<Runtime> {
  try {
    const library = (await import(LIBRARY)) as Runtime & { readonly default?: Runtime };
    return library.default ?? library;
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    const found = isAbsent ? 'none that is installed' : 'one that does not start on this machine';
    throw new ConsiliumError(
      'BACKEND_UNAVAILABLE',
      `${file}: expected ONNX Runtime to run the study's frozen encoder, got ${found}`,
      { cause, hint: `Run ${INSTALL} in the folder of Consilium.` },
    );
  }
}

function unusable(file: string, expected: string, found: string, cause?: unknown): ConsiliumError {
  return new ConsiliumError('ASSET_INVALID', `${file}: expected ${expected}, got ${found}`, {
    cause,
    hint: 'Name the ONNX file of a text encoder, e.g. as exported for feature extraction, with its sha256.',
  });
}
