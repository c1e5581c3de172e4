/**
 * JSON with one spelling per value: keys sorted by code unit, no blanks, numbers in JavaScript's shortest form
 * (as RFC 8785), maps as objects. Absent and undefined members are the same.
 * @throws TypeError for what JSON cannot hold, such as NaN: such a value never has a stable hash.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new TypeError(`canonical JSON: expected a finite number, got ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof Map) {
    if ([...value.keys()].some((key) => typeof key !== 'string')) {
      throw new TypeError('canonical JSON: expected a map with text keys, got another');
    }
    return objectJson([...value.entries()] as [string, unknown][]);
  }
  if (typeof value === 'object' && isPlain(value)) return objectJson(Object.entries(value));
  throw new TypeError(`canonical JSON: expected a plain value, got ${typeof value}`);
}

function objectJson(entries: readonly (readonly [string, unknown])[]): string {
  const members = entries
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
