import { join } from 'node:path';
import { openWitness, type Witness } from '../../shared/audit/witness.ts';
import { makeFolder } from '../../shared/core/atomic-file.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { AuditHead } from '../../shared/protocol/session.ts';

/** The heads of the sites' audit logs, a file for each site. */
export interface SiteWitnesses {
  /** As `Witness.keep`. @throws ConsiliumError `STATE_CORRUPT`. */
  keep(site: SiteId, head: AuditHead): ReturnType<Witness['keep']>;
  close(): Promise<void>;
}

/** @param folder made with mode 0700 once a site shows a head. */
export function siteWitnesses(folder: string): SiteWitnesses {
  const witnesses = new Map<SiteId, Promise<Witness>>();

  async function open(site: SiteId): Promise<Witness> {
    await makeFolder(folder, { mode: 0o700 });
    return openWitness(join(folder, `${site}.jsonl`));
  }

  return {
    async keep(site, head) {
      const witness = witnesses.get(site) ?? open(site);
      witnesses.set(site, witness);
      return (await witness).keep(head);
    },
    async close() {
      for (const witness of await Promise.allSettled(witnesses.values())) {
        if (witness.status === 'fulfilled') await witness.value.close();
      }
    },
  };
}
