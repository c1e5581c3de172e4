import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SignedCalls } from '../../client/rpc/signed-calls.ts';
import { encodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import { encodeListStudiesRequest } from '../../shared/wire/study-codec.ts';
import {
  type HospitalNetwork,
  hospitalNetwork,
  SITES,
  type StartedStudy,
} from '../helpers/hospital-network.ts';
import { framed, rapidResets, rawCall, rawFrames, rawHttp2, rawTls } from '../helpers/raw-http2.ts';
import { siteCalls } from '../helpers/small-network.ts';
import { delimited, tag, times, varint } from '../helpers/wire-bytes.ts';

const LIST = '/consilium.v1.StudyService/ListStudies';
const APPROVE = '/consilium.v1.StudyService/Approve';
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
const MAX_GROWTH_BYTES = 64 * 2 ** 20;

let network: HospitalNetwork;
let started: StartedStudy;
let calls: SignedCalls;
let session: ClientHttp2Session;
let port: number;
beforeAll(async () => {
  network = await hospitalNetwork();
  started = await network.start({ transferStallMs: 300 });
  port = started.coordinator.ports.sites;
  calls = await siteCalls(network, 'north', port);
  session = rawHttp2(port, network.roots, network.site('north'));
});
afterEach(async () => {
  await honestCall();
});
afterAll(async () => {
  session.destroy();
  calls.connection.close();
  await started.coordinator.stop(100);
  network.remove();
});

/** An honest call over the honest connection; it is served after whatever came before. */
const honestCall = () => calls.call(LIST, encodeListStudiesRequest(undefined), { tries: 1 });

/** A request with this body, signed by north in its session. */
async function signed(body: Uint8Array): Promise<Uint8Array> {
  return encodeSignedRequest(await calls.sign(LIST, body));
}

/** What the coordinator ends a call with whose one message is these bytes, and by how much the process grew. */
async function sent(bytes: Uint8Array) {
  const before = process.memoryUsage.rss();
  const status = await rawCall(session, LIST, [framed(bytes)]);
  return { ...status, grewBytes: process.memoryUsage.rss() - before };
}

const nested = (levels: number): number[] => {
  let inner: number[] = [];
  for (let i = 0; i < levels; i++) inner = delimited(1, inner);
  return inner;
};

/** Bytes that no encoder of ours makes. Field 1 of a request is the envelope, field 2 the body. */
const HOSTILE: readonly (readonly [string, readonly number[] | Uint8Array])[] = [
  ['W1: that is cut off', [...tag(1, 2), ...varint(100), 1, 2, 3]],
  ['W2: that claims 4 GiB', [...tag(2, 2), ...varint(2 ** 32 - 1), 0]],
  ['W3: of 101 nested levels', nested(101)],
  ['W4: of thousands of unknown groups', times(25_000, [...tag(15, 3), ...tag(15, 4)])],
  ['W5: with a varint that is too long', [...tag(1, 0), ...Array.from({ length: 11 }, () => 0x80), 1]],
  ['W6: with another wire type', [...tag(1, 0), 1]],
  ['W7: with field 0', [0, 0]],
  ['W8: with text that is no UTF-8', delimited(1, delimited(2, [0xc3, 0x28]))],
  ['W9: with a field twice', [...delimited(2, [1]), ...delimited(2, [2])]],
  ['W10: with a name that is a trap', delimited(1, delimited(2, Buffer.from('__proto__')))],
  ['W11: of thousands of empty messages', times(30_000, [...tag(1, 2), 0])],
];

describe('a message', () => {
  it.each(HOSTILE)('%s is refused by code, and costs little', async (_what, bytes) => {
    const { status, code, grewBytes } = await sent(Uint8Array.from(bytes));
    expect({ status, code }).toEqual({ status: INVALID_ARGUMENT, code: 'WIRE_INVALID' });
    expect(grewBytes).toBeLessThan(MAX_GROWTH_BYTES);
  });

  it.each(HOSTILE)('%s is refused in a body that was signed, too', async (_what, bytes) => {
    const request = encodeSignedRequest(await calls.sign(APPROVE, Uint8Array.from(bytes)));
    const { status, code } = await rawCall(session, APPROVE, [framed(request)]);
    expect({ status, code }).toEqual({ status: INVALID_ARGUMENT, code: 'WIRE_INVALID' });
  });

  it('W11: of 2 million empty messages is refused by its length', async () => {
    const { status, grewBytes } = await sent(times(2_000_000, [...tag(1, 2), 0]));
    expect(status).toBe(RESOURCE_EXHAUSTED);
    expect(grewBytes).toBeLessThan(MAX_GROWTH_BYTES);
  });

  it('W12: that is written byte by byte is taken as any other', async () => {
    const message = framed(await signed(encodeListStudiesRequest(undefined)));
    const { status } = await rawCall(
      session,
      LIST,
      [...message].map((byte) => Uint8Array.of(byte)),
    );
    expect(status).toBe(0);
  });

  it('W12: of 60,000 bytes that are written one by one is refused, and costs little', async () => {
    const before = process.memoryUsage.rss();
    const message = framed(new Uint8Array(60_000));
    const pieces = [...message].map((byte) => Uint8Array.of(byte));
    const { code } = await rawCall(session, LIST, pieces);
    expect(code).toBe('WIRE_INVALID');
    expect(process.memoryUsage.rss() - before).toBeLessThan(MAX_GROWTH_BYTES);
  });
});

describe('a compressed message', () => {
  const bomb = gzipSync(new Uint8Array(1_000_000));
  it.each([
    ['a bomb', bomb, 'gzip'],
    ['cut off', bomb.subarray(0, bomb.length - 9), 'gzip'],
    ['no gzip at all', Buffer.from('hello'), 'gzip'],
    ['deflated', Buffer.from('hello'), 'deflate'],
    ['packed by who knows what', Buffer.from('hello'), 'snappy'],
  ] as const)('W13: that is %s is refused before it is unpacked', async (_what, bytes, encoding) => {
    const { status } = await rawCall(session, LIST, [framed(bytes, 1)], { 'grpc-encoding': encoding });
    expect(status).toBe(UNIMPLEMENTED);
  });

  it('W13: of an honest request is refused all the same', async () => {
    const bytes = gzipSync(await signed(encodeListStudiesRequest(undefined)));
    const { status } = await rawCall(session, LIST, [framed(bytes, 1)], { 'grpc-encoding': 'gzip' });
    expect(status).toBe(UNIMPLEMENTED);
  });

  it('W13: by its flag alone is read as it is, and refused', async () => {
    const { code } = await rawCall(session, LIST, [framed(bomb, 1)]);
    expect(code).toBe('WIRE_INVALID');
  });
});

describe('a call', () => {
  it('W15: without a message ends, and not well', async () => {
    const { status } = await rawCall(session, LIST, []);
    expect(status).toBeGreaterThan(0);
  });

  it('W15: with two messages ends, and not well', async () => {
    const message = framed(await signed(encodeListStudiesRequest(undefined)));
    const { status } = await rawCall(session, LIST, [Buffer.concat([message, message])]);
    expect(status).not.toBe(0);
  });

  it('W15: with 64 KiB of metadata is refused', async () => {
    const own = rawHttp2(port, network.roots, network.site('north'));
    const { status } = await rawCall(own, LIST, [], { 'x-much': 'a'.repeat(65_536) });
    expect(status).not.toBe(0);
    own.destroy();
  });

  it('W15: with a binary header that is none is not taken', async () => {
    const { status } = await rawCall(session, LIST, [framed(new Uint8Array())], { 'x-bin': '%%%' });
    expect(status).toBeGreaterThan(0);
  });

  it('of an unknown name is refused', async () => {
    const { status } = await rawCall(session, '/consilium.v1.StudyService/Nothing', [
      framed(new Uint8Array()),
    ]);
    expect(status).toBe(UNIMPLEMENTED);
  });
});

/** A line of the site south, for frames by hand. */
async function connected() {
  const socket = rawTls(port, network.roots, network.site('south'));
  await once(socket, 'secureConnect');
  return rawFrames(socket);
}

describe('rounds', () => {
  it('W14: go on beside 100 slow connections, half-open TLS, a flood of SETTINGS and 10,000 rapid resets', async () => {
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const slow = Array.from({ length: 100 }, () => rawTls(port, network.roots, network.site('north')));
    const halfOpen = Array.from({ length: 20 }, () => rawTls(port, network.roots));
    await Promise.all(slow.map((socket) => once(socket, 'secureConnect')));
    let position = 0;
    const dripping = setInterval(() => {
      for (const socket of slow) socket.write(preface.subarray(position, position + 1));
      position = (position + 1) % preface.length;
    }, 1000);
    const resetting = rapidResets(connected, { count: 10_000, path: LIST });
    const flooding = connected().then((line) => line.settings(20_000).then(() => line.destroy()));
    try {
      await Promise.all(SITES.map((site) => started.daemon(site)));
      expect((await started.result()).status).toEqual({ kind: 'complete' });
      await Promise.all([resetting, flooding]);
    } finally {
      clearInterval(dripping);
      for (const socket of [...slow, ...halfOpen]) socket.destroy();
    }
    // North's daemon took the session of north's other calls.
    calls.connection.close();
    calls = await siteCalls(network, 'north', port);
  });
});
