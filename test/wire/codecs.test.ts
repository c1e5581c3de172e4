import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { METHODS } from '../../shared/wire/generated/methods.ts';
import type { Method } from '../../shared/wire/method.ts';
import { DECODED, WIRE_MESSAGES, type WireMessage } from '../helpers/wire-messages.ts';

const CASES = WIRE_MESSAGES.map((message) => [message.name, message] as const);

describe('codecs', () => {
  it('are tried here one and all', () => {
    expect([...DECODED].sort()).toEqual(WIRE_MESSAGES.map(({ name }) => name).sort());
  });

  it('exist for whatever a call carries', () => {
    const carried = Object.values<Method>(METHODS).flatMap(({ request, reply, requestBody, replyBody }) => [
      request,
      reply,
      requestBody,
      replyBody,
    ]);
    expect(carried.filter((name) => !DECODED.includes(name))).toEqual([]);
  });

  it.each(CASES)('give back every %s as it was', (_name, { values, encode, decode }) => {
    fc.assert(
      fc.property(values, (value) => {
        expect(bits(decode(encode(value)))).toEqual(bits(value));
      }),
      { numRuns: 60 },
    );
  });

  it.each(CASES)('refuse a %s of random bytes by WIRE_INVALID alone', (_name, { decode }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(outcome(() => decode(bytes))).toMatch(/^(decoded|WIRE_INVALID)$/);
      }),
      { numRuns: 200 },
    );
  });

  it.each(CASES)('refuse a damaged %s by WIRE_INVALID alone, or read what it now says', (_name, message) => {
    fc.assert(
      fc.property(message.values, damage, (value, change) => {
        const bytes = change(message.encode(value));
        const result = outcome(() => message.decode(bytes));
        expect(result).toMatch(/^(decoded|WIRE_INVALID)$/);
        if (result === 'decoded')
          expect(bits(reEncoded(message, bytes))).toEqual(bits(message.decode(bytes)));
      }),
      { numRuns: 100 },
    );
  });

  it.each(CASES)(
    'copy what they keep of a %s, unless it is Borrowed',
    (_name, { values, encode, decode }) => {
      fc.assert(
        fc.property(values, (value) => {
          const bytes = Uint8Array.from(encode(value));
          const decoded = decode(bytes);
          bytes.fill(0xff);
          expect(bits(withoutBorrowed(decoded))).toEqual(bits(withoutBorrowed(value)));
        }),
        { numRuns: 20 },
      );
    },
  );
});

/** One change of some bytes: cut off, altered, taken out, or put in twice. */
const damage = fc
  .tuple(fc.constantFrom('cut', 'alter', 'drop', 'double'), fc.nat(), fc.nat(), fc.nat(255))
  .map(([kind, a, b, byte]) => (bytes: Uint8Array): Uint8Array => {
    const from = bytes.length === 0 ? 0 : a % bytes.length;
    const to = Math.min(bytes.length, from + 1 + (b % 40));
    const [before, middle, after] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
    switch (kind) {
      case 'cut':
        return Uint8Array.from(before);
      case 'alter':
        return Uint8Array.from([...before, byte, ...bytes.subarray(from + 1)]);
      case 'drop':
        return Uint8Array.from([...before, ...after]);
      default:
        return Uint8Array.from([...before, ...middle, ...middle, ...after]);
    }
  });

function outcome(work: () => unknown): string {
  try {
    work();
    return 'decoded';
  } catch (error) {
    return error instanceof ConsiliumError ? error.code : `not typed: ${error}`;
  }
}

function reEncoded({ encode, decode }: WireMessage, bytes: Uint8Array): unknown {
  return decode(encode(decode(bytes)));
}

/** Arrays as text of their bytes: bit for bit the same, and fast to compare. */
function bits(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  if (value instanceof Map) return new Map([...value].map(([key, entry]) => [key, bits(entry)]));
  if (Array.isArray(value)) return value.map(bits);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, bits(field)]));
}

/** The fields that the codecs document as Borrowed. */
const BORROWED: ReadonlySet<string> = new Set(['body', 'content', 'data']);

function withoutBorrowed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutBorrowed);
  if (value === null || typeof value !== 'object') return value;
  if (ArrayBuffer.isView(value) || value instanceof Map) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, field]) => !(BORROWED.has(key) && ArrayBuffer.isView(field)))
      .map(([key, field]) => [key, withoutBorrowed(field)]),
  );
}
