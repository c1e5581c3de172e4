import type { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { SecureRandom } from '../../shared/crypto/random.ts';
import type { SecureMessage, SecureMessageType } from '../../shared/protocol/secure-session.ts';
import { signMessage } from '../../shared/secagg/signed-message.ts';
import { type SessionOfSites, sessionOf, site, type TestBlock } from './secure-session.ts';

export const CT = 'encoder:ct' as BlockId;
export const LABS = 'encoder:labs' as BlockId;

export function sitesOf(count: number): readonly SiteId[] {
  return Array.from({ length: count }, (_, i) => site(i));
}

/** A block of which the sites hold vectors of `length` values, 1000 · (place + 1) + position. */
export function blockOf(
  block: BlockId,
  holders: readonly SiteId[],
  options: Partial<Pick<TestBlock, 'length' | 'kMin' | 'holdersMin'>> = {},
): TestBlock {
  const { length = 4 } = options;
  const vectors = new Map(
    holders.map((id, i) => [id, Int32Array.from({ length }, (_, j) => 1000 * (i + 1) + j)] as const),
  );
  return { block, length, vectors, ...options };
}

/** `count` sites that all hold the one block. */
export function sessionOfAll(count: number, options: Parameters<typeof blockOf>[2] = {}): SessionOfSites {
  const sites = sitesOf(count);
  return sessionOf(sites, [blockOf(CT, sites, options)]);
}

/** What a site that lies says instead, under its own good signature. */
export function signedBy(
  session: SessionOfSites,
  { site: id }: Pick<SecureMessage, 'site'>,
  place: Parameters<typeof signMessage>[1],
  body: Uint8Array,
): SecureMessage {
  const member = session.sites.get(id);
  if (member === undefined) throw new Error(`no site ${id}`);
  return signMessage(member.identity, place, body);
}

/** Codes of the errors, by site. */
export function codesOf(errors: ReadonlyMap<SiteId, ConsiliumError>): Readonly<Record<string, string>> {
  return Object.fromEntries([...errors].map(([id, { code }]) => [id, code]));
}

/** The same bytes with one bit of them turned. @param bit counted from the first byte's lowest, modulo their number. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = bit % (8 * copy.length);
  copy[at >> 3] = (copy[at >> 3] as number) ^ (1 << (at & 7));
  return copy;
}

/** Not random at all: for what is measured over one fixed sample. */
export function fixedRandom(name: string): SecureRandom {
  let count = 0;
  return {
    kind: 'secure',
    bytes(length) {
      const blocks = Array.from({ length: Math.ceil(length / 32) }, () =>
        Buffer.from(sha256(`${name} ${count++}`), 'hex'),
      );
      return Uint8Array.from(Buffer.concat(blocks).subarray(0, length));
    },
  };
}

export const MESSAGE_TYPES: Readonly<Record<string, SecureMessageType>> = {
  advertising: 'advertisement',
  sharing: 'shares',
  confirming: 'confirmation',
  masking: 'masked',
  agreeing: 'agreement',
  unmasking: 'unmasking',
};
