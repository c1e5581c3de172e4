import { homedir } from 'node:os';
import { join } from 'node:path';

/** `~/.cache/consilium`. */
export function defaultCacheDir(): string {
  return join(homedir(), '.cache', 'consilium');
}
