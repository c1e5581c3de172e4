import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteEvents } from '../../server/storage/sqlite.ts';
import type { ProtocolWindow } from '../../shared/protocol/session.ts';
import { encodeListStudiesRequest } from '../../shared/wire/study-codec.ts';
import {
  type HospitalNetwork,
  hospitalNetwork,
  SITES,
  type StartedStudy,
} from '../helpers/hospital-network.ts';
import { siteCalls } from '../helpers/small-network.ts';

const LIST = '/consilium.v1.StudyService/ListStudies';

let network: HospitalNetwork;
let started: StartedStudy | undefined;
beforeEach(async () => {
  network = await hospitalNetwork();
});
afterEach(async () => {
  await started?.coordinator.stop(100);
  network.remove();
});

/** A coordinator of the one release asked by a site of the other: what it ends with, after how many tries. */
async function asked(coordinator: ProtocolWindow, site: ProtocolWindow): Promise<unknown> {
  const running = await network.startCoordinator({ protocol: coordinator });
  let failures = 0;
  const calls = await siteCalls(network, 'north', running.ports.sites, {
    protocol: site,
    onFailure: () => {
      failures += 1;
    },
  });
  try {
    await calls.call(LIST, encodeListStudiesRequest(undefined));
    return 'served';
  } catch (error) {
    expect(failures).toBe(0);
    return error;
  } finally {
    calls.connection.close();
    await running.stop(100);
  }
}

describe('R12: two releases', () => {
  it.each([
    ['a site of the release before', { min: 1, max: 2 }, { min: 1, max: 1 }],
    ['a site of the next release', { min: 1, max: 1 }, { min: 1, max: 2 }],
    [
      'a site that is two releases ahead, where each still speaks one of the other',
      { min: 2, max: 3 },
      { min: 3, max: 5 },
    ],
  ])('that have a version in common work together: %s', async (_what, coordinator, site) => {
    expect(await asked(coordinator, site)).toBe('served');
  });

  it.each([
    ['an old site', { min: 2, max: 3 }, { min: 1, max: 1 }, 'one of 2 to 3, got 1 to 1'],
    ['an old coordinator', { min: 1, max: 1 }, { min: 2, max: 3 }, 'one of 1 to 1, got 2 to 3'],
  ])('that have none in common say so at the first try: %s', async (_what, coordinator, site, words) => {
    expect(await asked(coordinator, site)).toMatchObject({
      code: 'INCOMPATIBLE',
      message: expect.stringContaining(words),
      spec: { exit: 2, retryable: false },
    });
  });

  it('lead a study to the same bits: a coordinator and one site of the next, the other sites of this', async () => {
    const protocol = { min: 1, max: 2 };
    started = await network.start({ protocol });
    const { daemon, result } = started;
    const own = (i: number) => (i === 0 ? { changes: { callLimits: { protocol } } } : {});
    await Promise.all(SITES.map((site, i) => daemon(site, own(i))));
    expect((await result()).modelHash).toBe(await network.simulated());
  });

  it('end a daemon that is too new for its coordinator, once', async () => {
    started = await network.start();
    const changes = { callLimits: { protocol: { min: 2, max: 2 } } };
    await expect(started.daemon('north', { changes })).rejects.toMatchObject({ code: 'INCOMPATIBLE' });
  });

  it('end a daemon that the coordinator is too new for, once', async () => {
    const { coordinator, daemon } = await network.start();
    await coordinator.stop(100);
    const newer = await network.startCoordinator({ protocol: { min: 2, max: 2 } });
    const failures: unknown[] = [];
    const log = {
      info: () => undefined,
      error: () => undefined,
      warn: (event: string) => failures.push(event),
    };
    const running = daemon('north', { port: newer.ports.sites, changes: { log } });
    await expect(running).rejects.toMatchObject({ code: 'INCOMPATIBLE', spec: { exit: 2 } });
    expect(failures).not.toContain('call.failed');
    await newer.stop(100);
  });
});

describe('R12: a store', () => {
  it('that a later release wrote to is not opened', async () => {
    const { coordinator, hash } = await network.start();
    await coordinator.stop(100);
    const events = sqliteEvents(join(network.folder, 'coordinator', 'studies', hash, 'events.sqlite'));
    const [first] = await events.read();
    if (first === undefined) throw new Error('no event');
    await events.append([{ ...first, key: 'later', version: first.version + 1 }]);
    await events.close();
    await expect(network.startCoordinator()).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      hint: expect.stringContaining('release that wrote it'),
    });
  });
});
