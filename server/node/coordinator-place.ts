import { coordinatorFolder } from './coordinator-folder.ts';

/** The folder of a coordinator as `consilium doctor` looks at it. */
export function coordinatorPlace(folder: string) {
  const { keys, membership, state, audit, identityKey, tlsKey, issuingKey, lock, ...place } =
    coordinatorFolder(folder);
  return {
    kind: 'coordinator',
    folder,
    privateFolders: [folder, keys, membership, state, audit],
    privateFiles: [identityKey, tlsKey, issuingKey],
    identityKey,
    certificates: [place.serverChain, place.issuingCertificate],
    rosters: place.rosters,
    words: place.words,
    lock,
  } as const;
}
