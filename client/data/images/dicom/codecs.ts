import { createRequire } from 'node:module';
import { BrokenFile } from '../../media/broken-file.ts';

/** The decoders of the codec library, each its own WebAssembly module. */
export type CodecName = 'jpeg' | 'jpeg-ls' | 'jpeg-2000';

/** One decoded frame, pixel by pixel unless the stream says otherwise. Given. */
export interface DecodedFrame {
  /** Little-endian numbers of `bytesPerSample`. */
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): { width: number; height: number; componentCount: number };
  delete(): void;
}

interface CodecModule {
  readonly HEAPU8?: Uint8Array;
  readonly [decoder: string]: unknown;
}

type Factory = (options: object) => Promise<CodecModule>;

/**
 * The builds for decoding alone. The library's own entry uses its builds without WebAssembly, which measured ten times
 * slower and write to the terminal.
 */
const CODECS: Readonly<Record<CodecName, readonly [path: string, decoder: string]>> = {
  jpeg: ['@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs', 'JPEGDecoder'],
  'jpeg-ls': ['@cornerstonejs/codec-charls/decodewasmjs', 'JpegLSDecoder'],
  'jpeg-2000': ['@cornerstonejs/codec-openjpeg/decodewasmjs', 'J2KDecoder'],
};

/** A module that grew beyond this is dropped, because its memory never shrinks. */
const MAX_KEPT_BYTES = 1 << 28;

const modules = new Map<CodecName, Promise<CodecModule>>();

/**
 * Decodes one compressed frame, whose header the caller has held against the limits.
 * @throws BrokenFile `bad-header` if the codec refuses it; the module is then replaced, for it may be in any state.
 */
export async function decodeFrame(name: CodecName, frame: Uint8Array): Promise<DecodedFrame> {
  const module = await loaded(name);
  try {
    return run(module, CODECS[name][1], frame);
  } catch {
    modules.delete(name);
    throw new BrokenFile('bad-header', `expected a ${name} stream that can be decoded`);
  } finally {
    if ((module.HEAPU8?.length ?? 0) > MAX_KEPT_BYTES) modules.delete(name);
  }
}

/** Without a pause from the first byte in to the last byte out, because the results lie in the module's memory. */
function run(module: CodecModule, decoderName: string, frame: Uint8Array): DecodedFrame {
  const decoder = new (module[decoderName] as new () => Decoder)();
  decoder.getEncodedBuffer(frame.length).set(frame);
  decoder.decode();
  const bytes = new Uint8Array(decoder.getDecodedBuffer());
  const { width, height, componentCount } = decoder.getFrameInfo();
  decoder.delete();
  return { bytes, width, height, components: componentCount };
}

/** Each codec is loaded when a file first needs it, once per thread. */
function loaded(name: CodecName): Promise<CodecModule> {
  const known = modules.get(name);
  if (known !== undefined) return known;
  const silent = () => undefined;
  const module = (requireOf()(CODECS[name][0]) as Factory)({ print: silent, printErr: silent });
  modules.set(name, module);
  return module;
}

/** The codecs are packages of the library, found from where it lies. */
function requireOf(): NodeJS.Require {
  const library = createRequire(import.meta.url).resolve('@cornerstonejs/dicom-codec');
  return createRequire(library);
}
