import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHold } from '../../../client/doctor/hold-check.ts';
import type { RunningCoordinator } from '../../../server/app.ts';
import { monotonicClock } from '../../../shared/core/clock.ts';
import { certificatesPem } from '../../../shared/crypto/certificates.ts';
import { type ChaosOptions, type ChaosProxy, chaosProxy } from '../../helpers/chaos-proxy.ts';
import { type SmallNetwork, smallNetwork } from '../../helpers/small-network.ts';

let network: SmallNetwork;
let coordinator: RunningCoordinator;
beforeAll(async () => {
  network = await smallNetwork(['north']);
  coordinator = await network.startCoordinator();
});
afterAll(async () => {
  await coordinator.stop(0);
  network.remove();
});

const certificateIn = (place: SmallNetwork, id: string) => {
  const { tls, chain } = place.site(id);
  return { key: tls.privateKeyPem, chain: certificatesPem(chain) };
};

/** @param onOpen once the line has carried its first answer. */
async function held(
  line: ChaosOptions,
  { own = certificateIn(network, 'north'), onOpen = (_proxy: ChaosProxy) => {} } = {},
) {
  const proxy = await chaosProxy(coordinator.ports.sites, line);
  const socket = connect(proxy.port, '127.0.0.1');
  await once(socket, 'connect');
  let asked = 0;
  // Asked first before the line is opened, then once it has answered.
  const clock = {
    now() {
      asked += 1;
      if (asked === 2) onOpen(proxy);
      return monotonicClock.now();
    },
  };
  const { signal } = new AbortController();
  try {
    return await checkHold(socket, {
      ...{ host: '127.0.0.1', own, clock, signal },
      ...{ holdMs: 3000, quietMs: 2000, answerMs: 2000 },
    });
  } finally {
    await proxy.close();
  }
}

describe('a silent line that the doctor holds', () => {
  it('is fine where nobody ends it', async () => {
    expect(await held({})).toMatchObject({ check: 'hold', state: 'ok' });
  });

  it('is found cut by a proxy that ends what is silent for too long', async () => {
    expect(await held({ idleMs: 1000 })).toMatchObject({
      state: 'warning',
      found: expect.stringContaining('cut after'),
      cause: expect.stringContaining('idle timeout'),
      fix: expect.stringContaining('60 s or more'),
    });
  });

  it('is found forgotten where nothing comes through any more, and nobody said so', async () => {
    expect(await held({}, { onOpen: (proxy) => proxy.forget() })).toMatchObject({
      state: 'warning',
      found: expect.stringContaining('no answer after'),
      cause: expect.stringContaining('forgotten'),
    });
  });

  it('was not opened where the coordinator refuses the certificate', async () => {
    const other = await smallNetwork(['south']);
    const own = certificateIn(other, 'south');
    other.remove();
    expect(await held({}, { own })).toMatchObject({ state: 'failed', found: 'not opened' });
  });
});
