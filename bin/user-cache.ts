import { isAbsolute, join } from 'node:path';

/** The folder of this program in the user's cache, as the XDG Base Directory Specification has it; undefined: its default. */
export function userCache(): string | undefined {
  const home = process.env['XDG_CACHE_HOME'] ?? '';
  return isAbsolute(home) ? join(home, 'consilium') : undefined;
}
