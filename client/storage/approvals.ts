import { readFile } from 'node:fs/promises';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { contentHash, siteId } from '../../shared/core/ids.ts';
import { holdsApproval } from '../../shared/identity/approval.ts';
import type { Approval } from '../../shared/protocol/study-status.ts';

/** The approvals that a site signed and has not withdrawn. */
export interface Approvals {
  /** As they are now on disk, whoever wrote them. @throws ConsiliumError `STATE_CORRUPT` where one is not the site's. */
  all(): Promise<readonly Approval[]>;
  /** Replaces an earlier one of the same study. Durable when it resolves. */
  add(approval: Approval): Promise<void>;
  /** @returns whether there was one. */
  remove(studyHash: Approval['studyHash']): Promise<boolean>;
}

/** One file of JSON. One writer at a time. @param publicKey the site's identity key, which signed them. */
export function fileApprovals(path: string, publicKey: Uint8Array): Approvals {
  const all = async () => {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error;
    });
    const approvals = read(text);
    if (approvals?.every((approval) => holdsApproval(approval, publicKey))) return approvals;
    throw new ConsiliumError(
      'STATE_CORRUPT',
      `${path}: expected approvals that this site signed, got another`,
      {
        hint: 'Remove the file and approve the studies anew.',
      },
    );
  };
  const write = (approvals: readonly Approval[]) =>
    writeAtomically(path, `${JSON.stringify(approvals.map(plain), null, 2)}\n`, { mode: 0o600 });
  return {
    all,
    async add(approval) {
      const others = (await all()).filter(({ studyHash }) => studyHash !== approval.studyHash);
      await write([...others, approval]);
    },
    async remove(studyHash) {
      const before = await all();
      const after = before.filter((approval) => approval.studyHash !== studyHash);
      if (after.length === before.length) return false;
      await write(after);
      return true;
    },
  };
}

function plain({ signature, ...approval }: Approval): Record<string, unknown> {
  return { ...approval, signature: Buffer.from(signature).toString('base64') };
}

/** Undefined for what is no list of approvals. */
function read(text: string): readonly Approval[] | undefined {
  try {
    const list = JSON.parse(text) as Record<string, unknown>[];
    return list.map(({ site, studyHash, policyHash, untilMs, signature }) => ({
      site: siteId(String(site)),
      studyHash: contentHash(String(studyHash)),
      policyHash: contentHash(String(policyHash)),
      untilMs: Number(untilMs),
      signature: Uint8Array.from(Buffer.from(String(signature), 'base64')),
    }));
  } catch {
    return undefined;
  }
}
