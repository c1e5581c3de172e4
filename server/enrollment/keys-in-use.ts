import type { ContentHash } from '../../shared/core/ids.ts';
import type { Roster } from '../../shared/identity/roster.ts';

/**
 * Watches for the new TLS key of each site that has two: once it was seen in use, officers may drop the old one.
 * @param onFirstUse told once for a key.
 */
export function keysInUse(
  roster: () => Roster,
  onFirstUse: (site: string) => void,
): (site: string, key: ContentHash) => void {
  const seen = new Set<ContentHash>();
  return (site, key) => {
    if (seen.has(key)) return;
    const [newest, old] = roster().sites.find(({ id }) => id === site)?.spki ?? [];
    if (old === undefined || newest !== key) return;
    seen.add(key);
    onFirstUse(site);
  };
}
