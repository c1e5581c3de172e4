export function hex(digits: string): Uint8Array {
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

export function hexText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
