import { nodeFolder } from '../node/node-folder.ts';

/** A node folder, or that of a coordinator, as the doctor looks at it. */
export interface NodePlace {
  readonly kind: 'site' | 'coordinator';
  readonly folder: string;
  /** Nobody else may enter them. */
  readonly privateFolders: readonly string[];
  /** Nobody else may open them. */
  readonly privateFiles: readonly string[];
  readonly identityKey: string;
  /** PEM files, the party's own certificate first. */
  readonly certificates: readonly string[];
  readonly rosters: string;
  readonly words: string;
  /** Held while the daemon runs. */
  readonly lock: string;
}

export function sitePlace(folder: string): NodePlace {
  const { keys, membership, state, audit, identityKey, tlsKey, certificate, rosters, words, lease } =
    nodeFolder(folder);
  return {
    kind: 'site',
    folder,
    privateFolders: [folder, keys, membership, state, audit],
    privateFiles: [identityKey, tlsKey],
    identityKey,
    certificates: [certificate],
    rosters,
    words,
    lock: lease,
  };
}
