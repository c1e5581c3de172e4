import type { Field } from './fields.ts';
import { type MessageName, scan } from './scan.ts';
import { wireInvalid } from './wire-invalid.ts';

/** What the generated code offers for a message. */
export interface Generated<Wire> {
  encode(wire: Wire): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Wire;
}

/** A message of the contract and the value that it stands for. */
export interface Message<Value, Wire> extends Field<Value, Wire> {
  /** @throws ConsiliumError `WIRE_INVALID` for a value that does not fit the contract. */
  encode(value: Value): Uint8Array;
  /** @throws ConsiliumError `WIRE_INVALID` for bytes that do not fit the contract. */
  decode(bytes: Uint8Array): Value;
}

/** A property that is a oneof on the wire: spread over several fields of the message around it. */
export interface Spread<Value, Wire> {
  readonly spread: true;
  write(value: Value, where: string): Partial<Wire>;
  read(wire: Wire, where: string): Value;
}

/** How each property of a value is sent: under its own name, or spread over a oneof. */
export type Properties<Value, Wire> = {
  readonly [Key in keyof Value & string]-?:
    | Spread<Value[Key], Wire>
    | (Key extends keyof Wire ? Field<Value[Key], NonNullable<Wire[Key]>> : never);
};

type AnyProperty<Wire> = Field<unknown, unknown> | Spread<unknown, Wire>;

/** A message with a field, or a oneof, for each property of the value. */
export function message<Value extends object, Wire extends object>(
  name: MessageName,
  generated: Generated<Wire>,
  properties: Properties<Value, Wire>,
  options: { readonly maxFields?: number } = {},
): Message<Value, Wire> {
  const entries = Object.entries(properties) as [keyof Value & string, AnyProperty<Wire>][];
  return outer(name, generated, options, {
    write(value, where) {
      const wire: Record<string, unknown> = {};
      for (const [key, property] of entries) {
        const place = `${where}.${key}`;
        if ('spread' in property) Object.assign(wire, property.write(value[key], place));
        else wire[key] = property.write(value[key], place);
      }
      return wire as Wire;
    },
    read(wire, where) {
      const value: Record<string, unknown> = {};
      for (const [key, property] of entries) {
        const place = `${where}.${key}`;
        const read =
          'spread' in property ? property.read(wire, place) : property.read(ownProperty(wire, key), place);
        if (read !== undefined) value[key] = read;
      }
      return value as Value;
    },
  });
}

/** A message that is nothing but a oneof. */
export function union<Value, Wire extends object>(
  name: MessageName,
  generated: Generated<Wire>,
  members: Spread<Value, Wire>,
  options: { readonly maxFields?: number } = {},
): Message<Value, Wire> {
  return outer(name, generated, options, {
    write: (value, where) => members.write(value, where) as Wire,
    read: (wire, where) => members.read(wire, where),
  });
}

/** A message without fields. */
export function empty<Wire extends object>(
  name: MessageName,
  generated: Generated<Wire>,
): Message<void, Wire> {
  return outer(name, generated, {}, { write: () => ({}) as Wire, read: () => undefined });
}

/** The member of a oneof that says all by being set. */
export function nothing<Wire>(inner: Field<void, Wire>): Field<object, Wire> {
  return {
    write: (_value, where) => inner.write(undefined, where),
    read: (wire, where) => {
      inner.read(wire, where);
      return {};
    },
  };
}

type Kinds<Value extends { readonly kind: string }> = {
  readonly [Kind in Value['kind']]: Field<Omit<Extract<Value, { readonly kind: Kind }>, 'kind'>, object>;
};

/**
 * A oneof, one member for each `kind` of the value. None set is refused.
 * @param names the member's field on the wire, by kind.
 */
export function oneof<Value extends { readonly kind: string }, Wire extends object>(
  names: Readonly<Record<Value['kind'], keyof Wire & string>>,
  members: Kinds<Value>,
): Spread<Value, Wire> {
  const kinds = Object.keys(members) as Value['kind'][];
  const memberOf = (kind: Value['kind']) => members[kind] as Field<object | undefined, object>;
  return {
    spread: true,
    write(value, where) {
      const kind: Value['kind'] = value.kind;
      if (!kinds.includes(kind)) throw wireInvalid(where, `expected ${kinds.join(', ')}`);
      return { [names[kind]]: memberOf(kind).write(value, where) } as Partial<Wire>;
    },
    read(wire, where) {
      const kind = kinds.find((candidate) => ownProperty(wire, names[candidate]) !== undefined);
      if (kind === undefined) throw wireInvalid(where, `expected ${kinds.join(', ')}, got none`);
      const contents = memberOf(kind).read(
        ownProperty(wire, names[kind]) as object,
        `${where}.${names[kind]}`,
      );
      return { ...contents, kind } as unknown as Value;
    },
  };
}

function outer<Value, Wire extends object>(
  name: MessageName,
  generated: Generated<Wire>,
  options: { readonly maxFields?: number },
  { write, read }: { write(value: Value, where: string): Wire; read(wire: Wire, where: string): Value },
): Message<Value, Wire> {
  return {
    write,
    read(wire, where) {
      if (wire === undefined) throw wireInvalid(where, `expected a ${name}, got none`);
      return read(wire, where);
    },
    encode(value) {
      const bytes = generated.encode(write(value, name)).finish();
      // The limits of the contract hold for what is sent, too.
      scan(name, bytes, options);
      return bytes;
    },
    decode(bytes) {
      scan(name, bytes, options);
      return read(decoded(name, generated, bytes), name);
    },
  };
}

function decoded<Wire>(name: MessageName, generated: Generated<Wire>, bytes: Uint8Array): Wire {
  try {
    return generated.decode(bytes);
  } catch (cause) {
    throw wireInvalid(name, 'expected an encoded message', { cause });
  }
}

/** What was sent: the generated code answers for missing fields by its prototypes. */
function ownProperty(wire: object, key: string): unknown {
  const value = Object.hasOwn(wire, key) ? (wire as Record<string, unknown>)[key] : undefined;
  return value ?? undefined;
}
