import { type DataType, type NamedAttrMap, type TensorInfo, TFJS_NAME, type TypedArray, tf } from './tf.ts';

/** What our kernels use of tfjs-backend-wasm 4.22.0. Its class says more, partly as private. */
export interface WasmBackend {
  readonly wasm: {
    /** The C function behind the kernel, without cwrap's copies. Shapes are addresses of int32 on the heap. */
    _BatchMatMul(
      a: number,
      aShape: number,
      aRank: number,
      b: number,
      bShape: number,
      bRank: number,
      transposeA: boolean,
      transposeB: boolean,
      out: number,
    ): void;
    _malloc(sizeBytes: number): number;
    readonly HEAPU8: Uint8Array;
    readonly tfjs: {
      /** Makes memory known to the C side under an id; no copy. */
      registerTensor(id: number, size: number, address: number): void;
      /** Forgets the id and the packed operators that were cached for it; the memory stays. */
      disposeData(id: number): void;
    };
  };
  readonly dataIdMap: { get(dataId: object): { readonly id: number; readonly memoryOffset: number } };
  dataIdNextNumber: number;
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  disposeData(dataId: object): boolean;
  /** A view that the next allocation may detach: take it last. */
  typedArrayFromHeap(tensor: TensorInfo): TypedArray;
}

export interface KernelCall {
  readonly inputs: Record<string, TensorInfo | undefined>;
  readonly attrs?: NamedAttrMap;
  readonly backend: unknown;
}

/**
 * A kernel of the wasm backend, called past the engine: no tape, no scopes. The caller disposes what it returns.
 * @throws Error when this release of the backend lacks it.
 */
export function wasmKernel(
  name: string,
): (inputs: Record<string, TensorInfo>, attrs: NamedAttrMap) => TensorInfo {
  const kernel = tf.getKernel(name, TFJS_NAME.wasm);
  if (kernel === undefined) throw new Error(`wasm kernel: expected ${name} to be registered`);
  return (inputs, attrs) => kernel.kernelFunc({ inputs, attrs, backend: tf.backend() }) as TensorInfo;
}

/** The input under `name`, which the engine has checked to be there. */
export function input(call: KernelCall, name: string): TensorInfo {
  const tensor = call.inputs[name];
  if (tensor === undefined) throw new Error(`wasm kernel: expected an input ${name}`);
  return tensor;
}

/** `tensor` under another shape of the same size: the same memory, no owner of its own. */
export function reshaped(tensor: TensorInfo, shape: number[]): TensorInfo {
  return { dataId: tensor.dataId, dtype: tensor.dtype, shape };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** An id of our own under which parts of the heap can be shown to the C side, one after the other. */
export function newId(backend: WasmBackend): number {
  return backend.dataIdNextNumber++;
}

/** Collects what a kernel makes on its way and frees it at the end, whether it succeeds or not. */
export function withScratch(
  backend: WasmBackend,
  body: (scratch: (tensor: TensorInfo) => TensorInfo) => TensorInfo,
): TensorInfo {
  const made: TensorInfo[] = [];
  try {
    return body((tensor) => {
      made.push(tensor);
      return tensor;
    });
  } finally {
    for (const tensor of made) backend.disposeData(tensor.dataId);
  }
}
