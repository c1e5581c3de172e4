import { BrokenFile } from '../media/broken-file.ts';
import type { RawLead } from './raw-signal.ts';

/** What devices put before the name of an electrode. */
const PREFIX = /^(eeg|ecg|ekg|emg|eog|meg|lead)[\s_]+(?=\S)/i;

/** A lead's name for comparison: `EEG Fpz-Cz`, `fpz - cz` and `FPZCZ` are one. */
export function canonicalLead(name: string): string {
  return name
    .trim()
    .replace(PREFIX, '')
    .replace(/[\s-]+/g, '')
    .toLowerCase();
}

/**
 * The leads of a study's channels in their order; undefined where the recording has none. A name written as in the file
 * wins over one that is alike.
 * @throws BrokenFile `wrong-shape` when none is there, or when two leads of the recording would fit one name.
 */
export function leadsByName(leads: readonly RawLead[], names: readonly string[]): (RawLead | undefined)[] {
  const picked = names.map((name) => {
    const exact = leads.filter((lead) => lead.name === name);
    const wanted = canonicalLead(name);
    const alike = exact.length > 0 ? exact : leads.filter((lead) => canonicalLead(lead.name) === wanted);
    if (alike.length <= 1) return alike[0];
    throw new BrokenFile(
      'wrong-shape',
      `recording: expected one lead ${JSON.stringify(name)}, got ${alike.length} of that name`,
    );
  });
  if (picked.some((lead) => lead !== undefined)) return picked;
  throw new BrokenFile(
    'wrong-shape',
    `recording: expected leads such as ${names.slice(0, 3).join(', ')}, got none of ${names.length} among ${leads.length}`,
  );
}

/**
 * The first `channels` leads; undefined where the recording has fewer.
 * @throws BrokenFile `wrong-shape` when it has more, since positions then say nothing, or none.
 */
export function leadsByPosition(leads: readonly RawLead[], channels: number): (RawLead | undefined)[] {
  if (leads.length > 0 && leads.length <= channels)
    return Array.from({ length: channels }, (_, i) => leads[i]);
  throw new BrokenFile(
    'wrong-shape',
    `recording: expected ${channels} leads, got ${leads.length}; name the study's leads to choose among more`,
  );
}
