import nacl from 'tweetnacl';
import { type ExchangeKey, isExchangeKey, requireExchangeKey } from './exchange.ts';
import type { SecureRandom } from './random.ts';

const NONCE_BYTES = nacl.box.nonceLength;

/** A sealed message is longer than the message by this: nonce and authenticator. */
export const BOX_OVERHEAD_BYTES = NONCE_BYTES + nacl.box.overheadLength;

/**
 * A box (X25519, XSalsa20-Poly1305) that its recipient alone can open:
 * { message, key @ sender } → { nonce ‖ box @ anyone } → { message @ recipient }.
 * Nothing but the message is authenticated: what a box is about, and for whom, belongs inside. Either of the two can
 * make a box that looks like the other's, so what must be held against the sender needs a signature besides.
 * @param message, recipientPublic Borrowed.
 * @returns 24 bytes nonce, fresh for every box, then the box.
 * @throws ConsiliumError `LOW_ORDER_KEY`: anyone could open a box for such a key; `INTERNAL` for another length.
 */
export function sealFor(
  message: Uint8Array,
  recipientPublic: Uint8Array,
  sender: ExchangeKey,
  random: SecureRandom,
): Uint8Array {
  requireExchangeKey(recipientPublic);
  const nonce = random.bytes(NONCE_BYTES);
  const secret = sender.secret();
  const box = nacl.box(message, nonce, recipientPublic, secret);
  secret.fill(0);
  const sealed = new Uint8Array(NONCE_BYTES + box.length);
  sealed.set(nonce);
  sealed.set(box, NONCE_BYTES);
  return sealed;
}

/**
 * What {@link sealFor} sealed. Given.
 * @param sealed, senderPublic Borrowed.
 * @returns undefined for a box for another recipient, by another sender, damaged or cut, and for a sender's key that is none.
 */
export function openFrom(
  sealed: Uint8Array,
  senderPublic: Uint8Array,
  recipient: ExchangeKey,
): Uint8Array | undefined {
  if (sealed.length < BOX_OVERHEAD_BYTES || !isExchangeKey(senderPublic)) return undefined;
  const secret = recipient.secret();
  const [nonce, box] = [sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES)];
  const message = nacl.box.open(box, nonce, senderPublic, secret);
  secret.fill(0);
  return message ?? undefined;
}
