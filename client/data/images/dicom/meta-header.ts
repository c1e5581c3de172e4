import { BrokenFile } from '../../media/broken-file.ts';
import { isBareDicom, isCapital } from '../file-format.ts';
import { inflate } from '../inflate.ts';
import { type Encoded, encoded, need, readElement } from './element.ts';
import { BARE_SYNTAX, type TransferSyntax, transferSyntax } from './transfer-syntax.ts';

/** The data set of a file, inflated where the whole of it is deflated. */
export interface Body {
  readonly data: Encoded;
  readonly syntax: TransferSyntax;
}

const TRANSFER_SYNTAX = 0x00020010;

/**
 * Passes the preamble, which is never looked at, and the meta header, whose declared length is not needed; a file may
 * lack either. An implicit data set that is declared explicit is read as what it is.
 * @param mostBytes of a deflated data set, inflated.
 * @throws BrokenFile `wrong-format`, `unsupported`, `truncated`, `too-large`.
 */
export function openDicom(bytes: Uint8Array, mostBytes: number): Body {
  const file = encoded(bytes, false);
  const isPart10 = bytes.length >= 132 && file.view.getUint32(128) === 0x4449434d;
  if (!isPart10 && !isBareDicom(bytes)) {
    throw new BrokenFile('wrong-format', 'DICOM: expected DICM at byte 128 or a data set, found neither');
  }
  const { syntax, end } = readMeta(file, isPart10 ? 132 : 0);
  const declared = syntax ?? bareSyntax(bytes.subarray(end));
  const rest = bytes.subarray(end);
  const body = declared.isDeflated ? inflate(rest, { kind: 'raw', mostBytes, what: 'DICOM' }) : rest;
  const hasLetters = isCapital(body[4]) && isCapital(body[5]);
  const isExplicit = declared.isExplicit && (declared.isBigEndian || hasLetters);
  return { data: encoded(body, declared.isBigEndian), syntax: { ...declared, isExplicit } };
}

/** Walks the elements of group 2, which are explicit and little endian in every file (PS3.10 section 7.1). */
function readMeta(file: Encoded, from: number): { syntax: TransferSyntax | undefined; end: number } {
  let syntax: TransferSyntax | undefined;
  let at = from;
  while (at + 8 <= file.bytes.length && file.view.getUint16(at, true) === 2) {
    const element = readElement(file, at, true);
    if (element.length === undefined) {
      throw new BrokenFile('bad-header', 'DICOM meta header: expected elements of defined length');
    }
    const end = element.value + element.length;
    need(file, end);
    if (element.tag === TRANSFER_SYNTAX) syntax = known(file.bytes.subarray(element.value, end));
    at = end;
  }
  return { syntax, end: at };
}

function known(value: Uint8Array): TransferSyntax {
  const uid = Buffer.from(value.subarray(0, 65))
    .toString('latin1')
    .replace(/[\0 ]+$/, '');
  const syntax = transferSyntax(uid);
  if (syntax !== undefined) return syntax;
  // Only an identifier of the standard's own root is repeated: anything else may be content.
  const name = /^1\.2\.840\.10008\.1\.2[.0-9]{0,12}$/.test(uid) ? uid : 'another';
  throw new BrokenFile(
    'unsupported',
    `DICOM: the transfer syntax ${name} is not read; convert the file to explicit little endian`,
  );
}

function bareSyntax(body: Uint8Array): TransferSyntax {
  return { ...BARE_SYNTAX, isBigEndian: body[0] === 0 && body[1] !== 0 };
}
