import { createCipheriv } from 'node:crypto';

/** AES-256 in counter mode (NIST SP 800-38A §6.5), one block at a time by ECB, the counter a big-endian integer. */
export function slowKeyStream(key: Uint8Array, firstCounter: bigint, bytes: number): Uint8Array {
  const blocks: Buffer[] = [];
  for (let i = 0n; 16n * i < BigInt(bytes); i++) {
    const counter = ((firstCounter + i) % 2n ** 128n).toString(16).padStart(32, '0');
    const ecb = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    blocks.push(Buffer.concat([ecb.update(Buffer.from(counter, 'hex')), ecb.final()]));
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

/** values + sign · mask, as exact integers reduced to int32 at the end. */
export function slowAddMask(values: readonly number[], seed: Uint8Array, sign: 1 | -1): number[] {
  const stream = Buffer.from(slowKeyStream(seed, 0n, 4 * values.length));
  return values.map((value, i) =>
    Number(BigInt.asIntN(32, BigInt(value) + BigInt(sign) * BigInt(stream.readUInt32LE(4 * i)))),
  );
}
