import { readFileSync } from 'node:fs';
import { locateFile } from '../locate-file.ts';
import type { SetAside } from '../set-aside.ts';
import type { BrokenReason } from './broken-file.ts';

/** The notes behind the entries of a list, one at a time, so that never all are in memory. */
export interface NoteTexts {
  /** Undefined for a note that is set aside. */
  read(entry: string): string | undefined;
  /** Sorted by file. */
  setAside(): readonly SetAside[];
}

/** Of one note in a file. */
const MOST_BYTES = 16 * 1024 * 1024;

/** For a list of the texts themselves. */
export const textsThemselves: NoteTexts = { read: (text) => text, setAside: () => [] };

/** For a list of files in UTF-8. @param folder real path of the data folder. */
export function textFiles(folder: string): NoteTexts {
  const broken = new Map<string, BrokenReason>();
  return {
    read(path) {
      const text = readNote(folder, path);
      if (typeof text === 'string') return text;
      broken.set(path, text.reason);
      return undefined;
    },
    setAside() {
      const entries = [...broken].map(([file, reason]): SetAside => ({ file, reason, parts: undefined }));
      return entries.sort((a, b) => (a.file < b.file ? -1 : 1));
    },
  };
}

function readNote(folder: string, path: string): string | { readonly reason: BrokenReason } {
  const located = locateFile(folder, path);
  if (located.kind === 'outside') return { reason: 'outside-folder' };
  if (located.kind !== 'file') return { reason: 'unreadable' };
  if (located.sizeBytes === 0) return { reason: 'empty' };
  if (located.sizeBytes > MOST_BYTES) return { reason: 'too-large' };
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(located.real);
  } catch {
    return { reason: 'unreadable' };
  }
  try {
    return UTF8.decode(bytes);
  } catch {
    return { reason: 'wrong-format' };
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
