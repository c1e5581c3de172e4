import { bytesOf } from '../../shared/core/bytes.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { fields } from '../../shared/crypto/fields.ts';
import { sha256, sha256Stream } from '../../shared/crypto/hash.ts';
import type { ModalityValues, SiteCohort } from '../data/cohort.ts';

/** Names a cohort as it stood when it was read: who is in which part, with which values. Never leaves the site. */
export function cohortVersion({ patientIds, part, modalities }: SiteCohort): ContentHash {
  const hash = sha256Stream();
  hash.update(fields(...patientIds));
  hash.update(part);
  for (const [id, values] of [...modalities].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(fields(id, bytesOf(values.row), contentOf(values)));
  }
  return hash.digest();
}

function contentOf({ values }: ModalityValues): string {
  if (ArrayBuffer.isView(values)) return sha256(bytesOf(values));
  return sha256(values.contentHash, bytesOf(values.extra));
}
