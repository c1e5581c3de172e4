import { describe, expect, it } from 'vitest';
import { type MessageName, scan, scanBy } from '../../shared/wire/scan.ts';
import type { ScanTable } from '../../shared/wire/scan-field.ts';
import { delimited, tag, times, varint } from '../helpers/wire-bytes.ts';

const refusal = (problem: string | RegExp) =>
  expect.objectContaining({
    code: 'WIRE_INVALID',
    message: typeof problem === 'string' ? expect.stringContaining(problem) : expect.stringMatching(problem),
  });

/** A message that holds itself, which none of ours does, and a field of each kind. */
const TABLE: ScanTable = {
  Node: {
    1: { name: 'child', kind: 'message', message: 'Node' },
    2: { name: 'many', kind: 'message', message: 'Leaf', maxItems: 5000 },
    3: { name: 'left', kind: 'bool', oneof: 'side' },
    4: { name: 'right', kind: 'bool', oneof: 'side' },
    5: { name: 'size', kind: 'uint64' },
    6: { name: 'weight', kind: 'double' },
    7: { name: 'count', kind: 'uint32' },
    8: { name: 'label', kind: 'string', maxBytes: 4 },
    9: { name: 'body', kind: 'bytes', maxBytes: 4 },
  },
  Leaf: {},
};

const scanNode = (bytes: Iterable<number>, options?: { maxFields: number }) =>
  scanBy(TABLE, 'Node', Uint8Array.from(bytes), options);

describe('scan', () => {
  it('lets an empty message and every kind of field pass', () => {
    expect(() => scanNode([])).not.toThrow();
    const all = [
      ...delimited(1, []),
      ...[...tag(3, 0), 1],
      ...[...tag(5, 0), ...varint(Number.MAX_SAFE_INTEGER)],
      ...[...tag(6, 1), ...new Array(8).fill(0)],
      ...[...tag(7, 0), ...varint(2 ** 32 - 1)],
      ...delimited(8, Buffer.from('é')),
      ...delimited(9, [0xff, 0xff, 0xff, 0xff]),
    ];
    expect(() => scanNode(all)).not.toThrow();
  });

  it('names message and field, as deep as they lie', () => {
    const bytes = delimited(1, delimited(1, delimited(8, Buffer.from('12345'))));
    expect(() => scanNode(bytes)).toThrow(
      refusal(/^Node\.child\.child\.label: expected at most 4 bytes, got 5/),
    );
  });

  it('counts the fields of all messages inside, up to 4,096', () => {
    // One field of the outer message, and 4,095 inside; then 4,096 inside.
    expect(() => scanNode(delimited(1, times(4095, delimited(2, []))))).not.toThrow();
    expect(() => scanNode(delimited(1, times(4096, delimited(2, []))))).toThrow(
      refusal('at most 4096 fields'),
    );
    expect(() => scanNode(times(3, delimited(2, [])), { maxFields: 2 })).toThrow(refusal('at most 2 fields'));
  });

  it('goes 16 levels deep, the outermost included', () => {
    expect(() => scanNode(nested(15))).not.toThrow();
    expect(() => scanNode(nested(16))).toThrow(refusal('at most 16 levels'));
  });

  it('takes one member of a oneof', () => {
    const [left, right] = [
      [...tag(3, 0), 1],
      [...tag(4, 0), 1],
    ];
    expect(() => scanNode(left)).not.toThrow();
    expect(() => scanNode([...left, ...right])).toThrow(refusal(/^Node\.right: expected at most 1/));
  });

  it('skips 16 fields that a later release may have added, and no more', () => {
    const unknown = delimited(100, [1, 2, 3]);
    expect(() => scanNode(times(16, unknown))).not.toThrow();
    expect(() => scanNode(times(17, unknown))).toThrow(refusal('at most 16 unknown fields'));
    const others = [...tag(100, 0), ...tag(101, 1), ...new Array(8).fill(0), ...tag(102, 5), 0, 0, 0, 0];
    expect(() => scanNode([...others.slice(0, 2), 0, ...others.slice(2)])).not.toThrow();
  });

  it.each([
    ['a bool above 1', [...tag(3, 0), 2]],
    ['a uint32 above 2^32 - 1', [...tag(7, 0), ...varint(2 ** 32)]],
    ['a uint64 above 2^53 - 1', [...tag(5, 0), ...varint(2 ** 53)]],
    ['a uint64 of 70 bits', [...tag(5, 0), ...new Array(9).fill(0xff), 0x7f]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => scanNode(bytes)).toThrow(refusal('expected a number of at most'));
  });
});

/** `depth` children, one in the other. */
function nested(depth: number): number[] {
  let bytes: number[] = [];
  for (let i = 0; i < depth; i++) bytes = delimited(1, bytes);
  return bytes;
}

// What the contract's own messages do with hostile bytes: ids of the paper on reliability, section 13.
describe('hostile bytes', () => {
  const AUDIT_HEAD = Uint8Array.from([
    ...[...tag(1, 0), 7],
    ...delimited(2, new Array(32).fill(1)),
    ...[...tag(3, 0), 9],
    ...delimited(4, new Array(64).fill(2)),
  ]);

  it('W1: a truncated message is refused wherever it was cut within a field', () => {
    // Cuts between two fields leave whole ones; the codec misses the rest.
    const between = [0, 2, 36, 38];
    for (let length = 0; length < AUDIT_HEAD.length; length++) {
      const cut = () => scan('AuditHead', AUDIT_HEAD.subarray(0, length));
      if (between.includes(length)) expect(cut, `cut at ${length}`).not.toThrow();
      else expect(cut, `cut at ${length}`).toThrow(refusal('AuditHead'));
    }
  });

  it('W1: a number cut short is refused, also in a field that is not known', () => {
    expect(() => scanNode([...tag(6, 1), 0, 0, 0])).toThrow(refusal('Node.weight: expected 8 bytes, got 3'));
    expect(() => scanNode([...tag(100, 5), 0])).toThrow(refusal('expected 4 bytes, got 1'));
    // A child that ends behind its tag must not read on in its parent.
    expect(() => scanNode([...delimited(1, tag(5, 0)), 7, 7])).toThrow(
      refusal('Node.child.size: expected a number, got the end'),
    );
  });

  it('W2: a length of 4 GiB is refused by what is left', () => {
    const claim = Uint8Array.from([...tag(1, 2), ...varint(2 ** 32 - 1), 1, 2, 3]);
    expect(() => scan('Declaration', claim)).toThrow(refusal('the 3 bytes that are left, got 4294967295'));
  });

  it('W3: 101 nested levels are refused', () => {
    expect(() => scanNode(nested(101))).toThrow(refusal('at most 16 levels'));
    // Ours end at six levels: what lies deeper has no field to lie in.
    let bytes: number[] = [];
    for (let i = 0; i < 101; i++) bytes = delimited(1, bytes);
    expect(() => scan('UploadRequest', Uint8Array.from(bytes))).toThrow(
      refusal('expected wire type 0, got 2'),
    );
  });

  it('W4: 50,000 unknown groups are refused at the first', () => {
    const groups = times(50_000, [...tag(99, 3), ...tag(99, 4)]);
    expect(() => scan('Declaration', groups)).toThrow(
      refusal(/expected wire type 0, 1, 2 or 5, got 3, at byte 2$/),
    );
  });

  it('W5: an over-long varint is refused', () => {
    const patients = tag(3, 0);
    const of = (...value: number[]) => Uint8Array.from([...patients, ...value]);
    expect(() => scan('Declaration', of(0x81, 0x80, 0x00))).toThrow(refusal('in its shortest form'));
    expect(() => scan('Declaration', of(...new Array(10).fill(0x80), 0x01))).toThrow(
      refusal('at most 10 bytes, got more'),
    );
    // The tag itself: field 3 in three bytes.
    expect(() => scan('Declaration', Uint8Array.of(0x98, 0x80, 0x00, 0x01))).toThrow(
      refusal('in its shortest form'),
    );
  });

  it('W6: a wrong wire type is refused', () => {
    const patientsAsFixed = Uint8Array.from([...tag(3, 1), ...new Array(8).fill(0)]);
    expect(() => scan('Declaration', patientsAsFixed)).toThrow(
      refusal(/^Declaration\.patients: expected wire type 0, got 1/),
    );
    expect(() => scan('Declaration', Uint8Array.from(tag(3, 7)))).toThrow(refusal('got 7'));
    expect(() => scan('Declaration', Uint8Array.from(tag(99, 6)))).toThrow(refusal('got 6'));
  });

  it('W7: field 0 is refused', () => {
    expect(() => scan('Declaration', Uint8Array.of(0x00, 0x00))).toThrow(refusal('got field 0'));
  });

  it.each([
    ['a byte that starts nothing', [0xff]],
    ['half a character', [0xc3]],
    ['an over-long slash', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
  ])('W8: invalid UTF-8 is refused: %s', (_what, bytes) => {
    expect(() => scan('Declaration', Uint8Array.from(delimited(1, bytes)))).toThrow(
      refusal(/^Declaration\.site: expected UTF-8/),
    );
  });

  it('W9: a singular field that is repeated is refused', () => {
    const site = delimited(1, Buffer.from('cleveland'));
    expect(() => scan('Declaration', Uint8Array.from([...site, ...site]))).toThrow(
      refusal(/^Declaration\.site: expected at most 1, got more/),
    );
  });

  it.each<[MessageName, number]>([
    ['Declaration', 4],
    ['Evaluation', 5],
    ['ListStudiesReply', 1],
    ['UpdateHeader', 1],
  ])('W11: two million empty submessages of a %s are refused within 64 MiB and a second', (name, field) => {
    const bytes = times(2_000_000, delimited(field, []));
    const before = process.memoryUsage().rss;
    const began = performance.now();
    expect(() => scan(name, bytes)).toThrow(refusal('expected at most'));
    expect(performance.now() - began).toBeLessThan(1000);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  });
});
