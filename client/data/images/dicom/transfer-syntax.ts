/** How the pixels of a data set are encoded. */
export type PixelEncoding = 'native' | 'rle' | 'deflate' | 'jpeg' | 'jpeg-ls' | 'jpeg-2000';

/** How a data set is written (PS3.5 section 10 and annex A). */
export interface TransferSyntax {
  readonly isExplicit: boolean;
  readonly isBigEndian: boolean;
  /** The whole data set after the meta header is one raw deflate stream. */
  readonly isDeflated: boolean;
  readonly encoding: PixelEncoding;
}

const EXPLICIT: TransferSyntax = {
  isExplicit: true,
  isBigEndian: false,
  isDeflated: false,
  encoding: 'native',
};

/** Of a data set that names none: explicit or implicit is seen from its first element. */
export const BARE_SYNTAX = EXPLICIT;

const ROOT = '1.2.840.10008.1.2';

const SYNTAXES: ReadonlyMap<string, TransferSyntax> = new Map([
  [ROOT, { ...EXPLICIT, isExplicit: false }],
  [`${ROOT}.1`, EXPLICIT],
  [`${ROOT}.1.99`, { ...EXPLICIT, isDeflated: true }],
  [`${ROOT}.2`, { ...EXPLICIT, isBigEndian: true }],
  [`${ROOT}.5`, { ...EXPLICIT, encoding: 'rle' }],
  [`${ROOT}.8.1`, { ...EXPLICIT, encoding: 'deflate' }],
  ...encoded('jpeg', ['.4.50', '.4.51', '.4.57', '.4.70']),
  ...encoded('jpeg-ls', ['.4.80', '.4.81']),
  ...encoded('jpeg-2000', ['.4.90', '.4.91']),
]);

/** The transfer syntax of a unique identifier, undefined if it is not read here. */
export function transferSyntax(uid: string): TransferSyntax | undefined {
  return SYNTAXES.get(uid);
}

function encoded(encoding: PixelEncoding, ends: readonly string[]): [string, TransferSyntax][] {
  return ends.map((end) => [`${ROOT}${end}`, { ...EXPLICIT, encoding }]);
}
