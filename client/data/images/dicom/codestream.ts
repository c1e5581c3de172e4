import { BrokenFile } from '../../media/broken-file.ts';

/** What the header of a compressed frame says of itself. */
export interface Codestream {
  readonly kind: 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000';
  readonly height: number;
  readonly width: number;
  readonly components: number;
  readonly bits: number;
  /** JPEG 2000: the samples are signed numbers. */
  readonly isSigned: boolean;
  /** JPEG: a marker says whether the colors are luminance and chroma. JPEG-LS: the colors come one after another. */
  readonly namesColors: boolean;
  readonly isPlanar: boolean;
  /** JPEG 2000: decoding also turns luminance and chroma into red, green and blue. */
  readonly turnsColors: boolean;
}

/** Of JPEG 2000, each of which costs a decoder memory. */
const MAX_TILES = 4096;

/** @throws BrokenFile `bad-header` if the frame starts none, `truncated` if it ends within the header. */
export function readCodestream(frame: Uint8Array): Codestream {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  try {
    if (frame[0] === 0xff && frame[1] === 0xd8) return readJpeg(view);
    const start = codestreamStart(view);
    if (start !== undefined) return readJpeg2000(view, start);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BrokenFile('truncated', 'a compressed frame ends within its header');
  }
  throw new BrokenFile('bad-header', 'expected a JPEG or JPEG 2000 stream, found neither');
}

/** Whether the last bytes of a frame hold the end marker of its kind, FFD9. */
export function hasEnd(frame: Uint8Array): boolean {
  for (let i = frame.length - 1; i > 0 && i > frame.length - 8; i--) {
    if (frame[i] === 0xd9 && frame[i - 1] === 0xff) return true;
  }
  return false;
}

function readJpeg(view: DataView): Codestream {
  let frame: Omit<Codestream, 'namesColors' | 'isPlanar'> | undefined;
  let namesColors = false;
  let ids = '';
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) throw new BrokenFile('bad-header', 'JPEG: expected a marker');
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    const kind = kindOf(marker);
    if (kind !== undefined) {
      if (frame !== undefined) throw new BrokenFile('bad-header', 'JPEG: expected one frame header');
      frame = frameHeader(view, at + 4, kind);
      ids = String.fromCharCode(
        ...Array.from({ length: Math.min(frame.components, 4) }, (_, i) => view.getUint8(at + 10 + 3 * i)),
      );
    }
    if (marker === 0xee && view.getUint32(at + 4) === 0x41646f62) namesColors = true;
    if (marker === 0xe0 && view.getUint32(at + 4) === 0x4a464946) namesColors = true;
    const next = at + 2 + view.getUint16(at + 2);
    if (marker === 0xda) {
      if (frame === undefined) throw new BrokenFile('bad-header', 'JPEG: expected a frame header');
      const components = view.getUint8(at + 4);
      // The interleave mode of JPEG-LS: the last byte but one of the scan header.
      const isPlanar = frame.kind === 'jpeg-ls' && view.getUint8(at + 6 + 2 * components) === 0;
      return { ...frame, namesColors: namesColors || ids === 'RGB', isPlanar };
    }
    if (next < at + 4) throw new BrokenFile('bad-header', 'JPEG: expected a segment of at least 2 bytes');
    at = next;
  }
}

function kindOf(marker: number): 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | undefined {
  if (marker >= 0xc0 && marker <= 0xc2) return 'jpeg';
  if (marker === 0xc3) return 'jpeg-lossless';
  if (marker === 0xf7) return 'jpeg-ls';
  if (marker > 0xc3 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
    throw new BrokenFile('unsupported', 'JPEG: hierarchical or arithmetic coding is not read');
  }
  return undefined;
}

function frameHeader(view: DataView, at: number, kind: 'jpeg' | 'jpeg-lossless' | 'jpeg-ls') {
  return {
    kind,
    bits: view.getUint8(at),
    height: view.getUint16(at + 1),
    width: view.getUint16(at + 3),
    components: view.getUint8(at + 5),
    isSigned: false,
    turnsColors: false,
  };
}

/** Of a bare codestream, or of the one in the boxes of a JP2 file. */
function codestreamStart(view: DataView): number | undefined {
  if (view.getUint32(0) === 0xff4fff51) return 0;
  if (view.getUint32(4) !== 0x6a502020) return undefined;
  for (let at = 0; ; ) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === 0x6a703263) return at + (length === 1 ? 16 : 8);
    if (length < 8) return undefined;
    at += length;
  }
}

function readJpeg2000(view: DataView, start: number): Codestream {
  if (view.getUint32(start) !== 0xff4fff51)
    throw new BrokenFile('bad-header', 'JPEG 2000: expected its size');
  const size = (index: number) => view.getUint32(start + 8 + 4 * index);
  const [right, bottom, left, top, tileWidth, tileHeight, tileLeft, tileTop] = [0, 1, 2, 3, 4, 5, 6, 7].map(
    size,
  ) as [number, number, number, number, number, number, number, number];
  const tiles = Math.ceil((right - tileLeft) / tileWidth) * Math.ceil((bottom - tileTop) / tileHeight);
  if (!(tiles >= 1 && tiles <= MAX_TILES)) {
    throw new BrokenFile('bad-header', `JPEG 2000: expected 1 to ${MAX_TILES} tiles, found ${tiles}`);
  }
  const components = view.getUint16(start + 40);
  const depths = Array.from({ length: Math.min(components, 4) }, (_, i) => view.getUint8(start + 42 + 3 * i));
  if (depths.some((depth) => depth !== depths[0])) {
    throw new BrokenFile('unsupported', 'JPEG 2000: components of different depths are not read');
  }
  const depth = depths[0] ?? 0;
  return {
    kind: 'jpeg-2000',
    height: bottom - top,
    width: right - left,
    components,
    bits: (depth & 0x7f) + 1,
    isSigned: depth >= 0x80,
    namesColors: false,
    isPlanar: false,
    turnsColors: hasColorTransform(view, start + 2),
  };
}

/** The multiple component transformation of the coding style (COD) in the main header. */
function hasColorTransform(view: DataView, from: number): boolean {
  for (let at = from; ; ) {
    const marker = view.getUint16(at);
    if (marker === 0xff52) return view.getUint8(at + 8) === 1;
    const length = view.getUint16(at + 2);
    if (marker < 0xff00 || marker === 0xff90 || length < 2) {
      throw new BrokenFile('bad-header', 'JPEG 2000: expected a coding style in the main header');
    }
    at += 2 + length;
  }
}
