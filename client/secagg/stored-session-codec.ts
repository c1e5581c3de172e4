import { contentHash, siteId, sumId } from '../../shared/core/ids.ts';
import { exchangeKeyOf } from '../../shared/crypto/exchange.ts';
import {
  decodeSecureContext,
  decodeSecureMessage,
  decodeSecureTask,
  encodeSecureContext,
  encodeSecureMessage,
  encodeSecureTask,
} from '../../shared/wire/secure-codec.ts';
import type { StoredSession } from './stored-session.ts';

/** The session as bytes for the site's own disk, in clear: to be sealed. */
export function encodeStoredSession(stored: StoredSession): Uint8Array {
  const { secrets, shared } = stored;
  const form: Form = {
    format: 1,
    context: text(encodeSecureContext(stored.context)),
    held: [...stored.held].map(([block, { kMin }]) => [block, kMin]),
    box: text(secrets.box.secret()),
    secrets: [...secrets.blocks].map(([block, { mask, seed }]) => [block, text(mask.secret()), text(seed)]),
    shared: shared && {
      message: text(encodeSecureMessage(shared.message)),
      own: [...shared.own.values()].map(({ block, keyShare, seedShare }) => [
        block,
        text(keyShare),
        text(seedShare),
      ]),
    },
    keys: [...stored.keys].map(([site, key]) => [site, text(key)]),
    tasks: stored.tasks.map((task) => text(encodeSecureTask(task))),
    vectors: [...stored.vectors],
    isAcknowledged: stored.isAcknowledged,
  };
  return Buffer.from(JSON.stringify(form));
}

/** @param content what {@link encodeStoredSession} gave: its seal has proved that. */
export function decodeStoredSession(content: Uint8Array): StoredSession {
  const form = JSON.parse(Buffer.from(content).toString('utf8')) as Form;
  return {
    context: decodeSecureContext(bytes(form.context)),
    held: new Map(form.held.map(([block, kMin]) => [sumId(block), { kMin }])),
    secrets: {
      box: exchangeKeyOf(bytes(form.box)),
      blocks: new Map(
        form.secrets.map(([block, mask, seed]) => [
          sumId(block),
          { mask: exchangeKeyOf(bytes(mask)), seed: bytes(seed) },
        ]),
      ),
    },
    shared: form.shared && {
      message: decodeSecureMessage(bytes(form.shared.message)),
      own: new Map(
        form.shared.own.map(([id, keyShare, seedShare]) => {
          const block = sumId(id);
          return [block, { block, keyShare: bytes(keyShare), seedShare: bytes(seedShare) }];
        }),
      ),
    },
    keys: new Map(form.keys.map(([site, key]) => [siteId(site), bytes(key)])),
    tasks: form.tasks.map((task) => decodeSecureTask(bytes(task))),
    vectors: new Map(form.vectors.map(([block, hash]) => [sumId(block), contentHash(hash)])),
    isAcknowledged: form.isAcknowledged,
  };
}

/** Bytes in base64. */
interface Form {
  readonly format: 1;
  readonly context: string;
  readonly held: readonly (readonly [block: string, kMin: number])[];
  readonly box: string;
  readonly secrets: readonly (readonly [block: string, mask: string, seed: string])[];
  readonly shared:
    | {
        readonly message: string;
        readonly own: readonly (readonly [block: string, keyShare: string, seedShare: string])[];
      }
    | undefined;
  readonly keys: readonly (readonly [site: string, key: string])[];
  readonly tasks: readonly string[];
  readonly vectors: readonly (readonly [block: string, hash: string])[];
  readonly isAcknowledged: boolean;
}

function text(value: Uint8Array): string {
  return Buffer.from(value).toString('base64');
}

function bytes(value: string): Uint8Array {
  return Uint8Array.from(Buffer.from(value, 'base64'));
}
