import { bytesOf } from '../core/bytes.ts';
import { ConsiliumError } from '../core/errors.ts';
import { type ContentHash, contentHash } from '../core/ids.ts';
import { wireInvalid } from './wire-invalid.ts';

/**
 * A value and what the generated code calls it. Both ways refuse what does not fit, so that a fault shows where it is
 * made. `undefined` on the wire: the field was not sent.
 * @throws ConsiliumError `WIRE_INVALID` naming `where`.
 */
export interface Field<Value, Wire> {
  write(value: Value, where: string): Wire | undefined;
  read(wire: Wire | undefined, where: string): Value;
}

/** Any text that the contract's length allows; not sent means empty. */
export const text: Field<string, string> = {
  write: (value, where) => {
    // Half of a surrogate pair has no UTF-8, and would arrive as another character.
    if (/\p{Surrogate}/u.test(value)) throw wireInvalid(where, 'expected Unicode');
    return value;
  },
  read: (wire = '') => wire,
};

/** @param parse an id's constructor: throws `BAD_ID`. */
export function id<Id extends string>(parse: (text: string) => Id): Field<Id, string> {
  const checked = (value: string, where: string): Id => {
    try {
      return parse(value);
    } catch (cause) {
      if (cause instanceof ConsiliumError) throw wireInvalid(where, cause.message, { cause });
      throw cause;
    }
  };
  return { write: checked, read: (wire = '', where) => checked(wire, where) };
}

/** Ids in one text, joined by a space; not sent means none. */
export function idList<Id extends string>(parse: (text: string) => Id): Field<readonly Id[], string> {
  const one = id(parse);
  return {
    write: (ids, where) => ids.map((value) => one.write(value, where)).join(' '),
    read: (wire = '', where) => (wire === '' ? [] : wire.split(' ').map((part) => one.read(part, where))),
  };
}

/** 32 bytes. */
export const hash: Field<ContentHash, Uint8Array> = {
  write: (value, where) => Buffer.from(id(contentHash).write(value, where) as string, 'hex'),
  read: (wire, where) => Buffer.from(sized(wire, 32, where)).toString('hex') as ContentHash,
};

/** Hashes of 32 bytes, one behind the other. */
export const hashes: Field<readonly ContentHash[], Uint8Array> = {
  write: (values, where) => Buffer.concat(values.map((value) => hash.write(value, where) as Uint8Array)),
  read: (wire = NO_BYTES, where) => {
    if (wire.length % 32 !== 0)
      throw wireInvalid(where, `expected hashes of 32 bytes, got ${wire.length} bytes`);
    return Array.from({ length: wire.length / 32 }, (_, i) =>
      hash.read(wire.subarray(32 * i, 32 * i + 32), where),
    );
  },
};

/** Bytes of a length known beforehand. Owned: a copy. */
export function bytes(length: number): Field<Uint8Array, Uint8Array> {
  return {
    write: (value, where) => sized(value, length, where),
    read: (wire, where) => Uint8Array.from(sized(wire, length, where)),
  };
}

/** Bytes of any length. Owned: a copy. */
export const someBytes: Field<Uint8Array, Uint8Array> = {
  write: (value) => value,
  read: (wire = NO_BYTES) => Uint8Array.from(wire),
};

/** Bytes of any length. Borrowed: a view on what was received. */
export const borrowedBytes: Field<Uint8Array, Uint8Array> = {
  write: (value) => value,
  read: (wire = NO_BYTES) => new Uint8Array(wire.buffer, wire.byteOffset, wire.byteLength),
};

/** Whole numbers from `min` to `max`, both included; not sent means 0. */
export function whole(min: number, max: number): Field<number, number> {
  const checked = (value: number, where: string): number => {
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw wireInvalid(where, `expected a whole number of ${min}..${max}, got ${value}`);
  };
  // The generated code gives 64-bit fields as an object of two halves, whatever its types say.
  return { write: checked, read: (wire = 0, where) => checked(Number(wire), where) };
}

export const uint32 = whole(0, 2 ** 32 - 1);
export const uint64 = whole(0, Number.MAX_SAFE_INTEGER);

/** Neither NaN nor infinite; every bit is kept, that of -0 too. */
export const finite: Field<number, number> = {
  write: checkedFinite,
  read: (wire = 0, where) => checkedFinite(wire, where),
};

export const flag: Field<boolean, boolean> = {
  write: (value) => value,
  read: (wire = false) => wire,
};

/** Float64 values, finite, as their little-endian bytes. Owned: a copy. */
export const float64s: Field<Float64Array, Uint8Array> = {
  write: (values, where) => bytesOf(allFinite(values, where)),
  read: (wire = NO_BYTES, where) => {
    if (wire.length % 8 !== 0) throw wireInvalid(where, `expected 8 bytes a value, got ${wire.length} bytes`);
    return allFinite(new Float64Array(Uint8Array.from(wire).buffer), where);
  },
};

/** As {@link float64s}, for plain arrays. */
export const numbers: Field<readonly number[], Uint8Array> = {
  write: (values, where) => float64s.write(Float64Array.from(values), where),
  read: (wire, where) => [...float64s.read(wire, where)],
};

/** @param members what each member is on the wire. 0, which also stands for a field that was not sent, is none of them. */
export function enumeration<Member extends string>(
  members: Readonly<Record<Member, number>>,
): Field<Member, number> {
  const known = new Map(Object.entries<number>(members).map(([name, number]) => [number, name as Member]));
  const expected = `expected ${Object.keys(members).join(', ')}`;
  return {
    write: (value, where) => {
      if (Object.hasOwn(members, value)) return members[value];
      throw wireInvalid(where, expected);
    },
    read: (wire = 0, where) => {
      const member = known.get(wire);
      if (member === undefined) throw wireInvalid(where, `${expected}; got number ${wire}`);
      return member;
    },
  };
}

/** A field that may be missing. */
export function optional<Value, Wire>(field: Field<Value, Wire>): Field<Value | undefined, Wire> {
  return {
    write: (value, where) => (value === undefined ? undefined : field.write(value, where)),
    read: (wire, where) => (wire === undefined ? undefined : field.read(wire, where)),
  };
}

/** A repeated field; not sent means none. */
export function list<Value, Wire>(entry: Field<Value, Wire>): Field<readonly Value[], Wire[]> {
  return {
    write: (values, where) => values.map((value, i) => entry.write(value, `${where}[${i}]`) as Wire),
    read: (wire = [], where) => wire.map((item, i) => entry.read(item, `${where}[${i}]`)),
  };
}

/** A map, on the wire a list of entries in its order. A key that occurs twice is refused. */
export function mapOf<Key extends string, Value, Wire>(
  entry: Field<readonly [Key, Value], Wire>,
): Field<ReadonlyMap<Key, Value>, Wire[]> {
  const entries = list(entry);
  return {
    write: (map, where) => entries.write([...map], where),
    read: (wire, where) => {
      const map = new Map<Key, Value>();
      for (const [key, value] of entries.read(wire, where)) {
        if (map.has(key)) throw wireInvalid(where, `expected ${key} once, got it twice`);
        map.set(key, value);
      }
      return map;
    },
  };
}

/** The same bytes seen as another value. */
export function mapped<Value, Inner, Wire>(
  inner: Field<Inner, Wire>,
  to: (value: Value, where: string) => Inner,
  from: (inner: Inner, where: string) => Value,
): Field<Value, Wire> {
  return {
    write: (value, where) => inner.write(to(value, where), where),
    read: (wire, where) => from(inner.read(wire, where), where),
  };
}

const NO_BYTES = new Uint8Array(0);

function sized(value: Uint8Array | undefined, length: number, where: string): Uint8Array {
  if (value?.length === length) return value;
  throw wireInvalid(where, `expected ${length} bytes, got ${value?.length ?? 0}`);
}

function checkedFinite(value: number, where: string): number {
  if (Number.isFinite(value)) return value;
  throw wireInvalid(where, 'expected a finite number');
}

/**
 * The array as it is.
 * @throws ConsiliumError `WIRE_INVALID` on NaN or ±∞; -0 and denormals are numbers like others.
 */
export function allFinite<Values extends Float64Array | Float32Array>(values: Values, where: string): Values {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw wireInvalid(where, `expected finite values, got ${values[i]} at ${i}`);
    }
  }
  return values;
}
