import type { MediaProgress } from './with-media.ts';

/** What a person reads while a site's files are read. */
export function mediaProgressLine({ site, modality, done, total, unit }: MediaProgress): string {
  return `reading ${modality} of ${site}: ${done} of ${total} ${unit}`;
}
