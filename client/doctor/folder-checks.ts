import { stat, statfs } from 'node:fs/promises';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Finding } from '../../shared/core/finding.ts';
import { checkPrivateFolder, readPrivateFile } from '../../shared/crypto/private-files.ts';
import type { NodePlace } from './node-place.ts';

/** Whether only the owner can read what has to stay with him. One finding, with every fault. */
export async function checkPermissions({ privateFolders, privateFiles }: NodePlace): Promise<Finding> {
  const check = 'permissions';
  const faults: ConsiliumError[] = [];
  const look = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ConsiliumError)) throw error;
      faults.push(error);
    }
  };
  for (const folder of privateFolders) {
    if (await isThere(folder)) await look(() => checkPrivateFolder(folder));
  }
  for (const file of privateFiles) await look(() => readPrivateFile(file));
  if (faults.length === 0) return { check, state: 'ok', found: "keys and folders are their owner's alone" };
  return {
    check,
    state: 'failed',
    found: `${faults.length} of ${privateFolders.length + privateFiles.length} are open to others or cannot be read`,
    cause: faults.map(({ message }) => message).join('; '),
    fix: [...new Set(faults.map(({ hint }) => hint ?? 'restore it from a backup'))].join('; '),
  };
}

/** Magic numbers of statfs(2): file systems whose locks and syncs do not hold what a database needs. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
]);
/** May be local or not; it cannot be told from its number. */
const DOUBTFUL = new Set(['FUSE', '9P']);

/** @param type of `statfs`. */
export function checkFileSystem(type: number): Finding {
  const check = 'file-system';
  const name = NETWORK_FILE_SYSTEMS.get(type >>> 0);
  if (name === undefined) return { check, state: 'ok', found: 'local' };
  const isDoubtful = DOUBTFUL.has(name);
  return {
    check,
    state: isDoubtful ? 'warning' : 'failed',
    found: name,
    cause: isDoubtful
      ? `${name} may lie on another machine, where locks and syncs are not to be relied on`
      : 'locks and syncs over a network are not to be relied on: what was stored can be lost',
    fix: 'move the folder to a disk of this machine',
  };
}

export async function readFileSystem(folder: string): Promise<number> {
  return (await statfs(folder)).type;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
