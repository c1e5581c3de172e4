/** Why the operating system refused, in words that complete "got …". @param purpose what was wanted of the file. */
export function fileProblem(cause: unknown, purpose: 'read it' | 'write there' = 'read it'): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  switch (code) {
    case 'ENOENT':
      return purpose === 'read it' ? 'nothing of that name' : 'a place that takes no files';
    case 'ENOTDIR':
      return 'something that is no folder';
    case 'EISDIR':
      return 'a folder';
    case 'EEXIST':
      return 'a file of that name';
    case 'EACCES':
    case 'EPERM':
      return `no permission to ${purpose}`;
    case 'EROFS':
      return 'a file system that is read-only';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'no space left there';
    case 'ENAMETOOLONG':
      return 'a name that is too long';
    case 'ELOOP':
      return 'a link that leads back to itself';
    default:
      return `a failure of the file system (${code || 'unknown'})`;
  }
}
