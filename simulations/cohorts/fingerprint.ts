import type { ModalityValues, SiteCohort } from '../../client/data/cohort.ts';
import { isStored } from '../../client/data/rows.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { canonicalJson } from '../../shared/study/canonical.ts';

/** The bits of the NaN that stands for every NaN. */
const NAN_BITS = 0x7fc00000;

/**
 * SHA-256 over all that a cohort holds, whatever its members are: patients in their order, labels, parts, groups, who
 * has which modality, every value; of rows on disk, the hash that they are stored with. Equal fingerprints train the
 * same model.
 * @throws TypeError for a member that is neither data nor a typed array: it would go unseen.
 */
export function fingerprint(cohort: SiteCohort): ContentHash {
  const modalities = new Map([...cohort.modalities].map(([id, held]) => [id, withoutPlace(held)]));
  return sha256(canonicalJson(withHashes({ ...cohort, modalities })));
}

/** One fingerprint per site, over its cohorts of all seeds. @param seeds the cohorts of each seed. */
export function fingerprints(seeds: readonly (readonly SiteCohort[])[]): ReadonlyMap<SiteId, ContentHash> {
  const hashes = new Map<SiteId, ContentHash[]>();
  for (const cohort of seeds.flat()) {
    hashes.set(cohort.site, [...(hashes.get(cohort.site) ?? []), fingerprint(cohort)]);
  }
  return new Map([...hashes].map(([site, each]) => [site, sha256(...each)]));
}

/**
 * The same rows are the same wherever they lie: in which file, at which place of it, and beside how many others. The
 * hash that they are stored with says whose they are; rows beside the file are counted from 1, a row of the file is 0.
 */
function withoutPlace(held: ModalityValues): unknown {
  const { values, row, instances } = held;
  if (!isStored(values)) return held;
  const place = (at: number) => (at < values.rows ? Math.min(at, 0) : at - values.rows + 1);
  return {
    ...held,
    row: row.map(place),
    ...(instances === undefined ? {} : { instances: { ...instances, rows: instances.rows.map(place) } }),
    values: { ...values, path: undefined, rows: undefined },
  };
}

/** The value with the type and the hash of each typed array in its place: small, and such as JSON holds. */
function withHashes(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    return { type: Object.prototype.toString.call(value), hash: sha256(canonicalBytes(value)) };
  }
  if (Array.isArray(value)) return value.map(withHashes);
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, withHashes(member)]));
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withHashes(member)]));
  }
  return value;
}

/** Little-endian. A NaN is a missing cell, and which bits it has is not promised. */
function canonicalBytes(values: ArrayBufferView): Uint8Array {
  if (!(values instanceof Float32Array)) return bytesOf(values);
  const copy = values.slice();
  const bits = new Uint32Array(copy.buffer);
  for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) bits[i] = NAN_BITS;
  return bytesOf(copy);
}
