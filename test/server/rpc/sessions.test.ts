import { describe, expect, it } from 'vitest';
import { sessions } from '../../../server/rpc/sessions.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { secureRandom } from '../../../shared/crypto/random.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

function desk() {
  const clock = virtualClock(1_000_000);
  const held = sessions({ clock, random: secureRandom, firstFence: 100 });
  const openFor = (site: string) => held.open('site', site, held.challenge('site', site));
  return { clock, held, openFor };
}

const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof ConsiliumError ? error.code : String(error);
  }
};

describe('sessions at the coordinator', () => {
  it('are found by the one whom they were given to, and by nobody else', () => {
    const { held, openFor } = desk();
    const { id } = openFor('north');
    expect(held.find(id, 'site', 'north').sender).toBe('north');
    expect(codeOf(() => held.find(id, 'site', 'south'))).toBe('SESSION_CLOSED');
    expect(codeOf(() => held.find(id, 'lead', 'north'))).toBe('SESSION_CLOSED');
    expect(codeOf(() => held.find(new Uint8Array(16), 'site', 'north'))).toBe('SESSION_CLOSED');
  });

  it('take a challenge once', () => {
    const { held } = desk();
    const challenge = held.challenge('site', 'north');
    held.open('site', 'north', challenge);
    expect(codeOf(() => held.open('site', 'north', challenge))).toBe('UNAUTHENTICATED');
  });

  it('take a challenge from the one who asked for it alone', () => {
    const { held } = desk();
    const challenge = held.challenge('site', 'north');
    expect(codeOf(() => held.open('site', 'south', challenge))).toBe('UNAUTHENTICATED');
  });

  it('take a challenge for a minute', () => {
    const { clock, held } = desk();
    const [first, second] = [held.challenge('site', 'north'), held.challenge('site', 'north')];
    clock.advance(MINUTE_MS);
    expect(codeOf(() => held.open('site', 'north', first))).toBeUndefined();
    clock.advance(1);
    expect(codeOf(() => held.open('site', 'north', second))).toBe('UNAUTHENTICATED');
  });

  it('R8: fence the older daemon of one identity off, and end what it waits for', () => {
    const { held, openFor } = desk();
    const older = openFor('north');
    const newer = openFor('north');
    expect(newer.fence).toBeGreaterThan(older.fence);
    expect(older.fence).toBeGreaterThan(100);
    expect(codeOf(() => held.find(older.id, 'site', 'north'))).toBe('FENCED');
    expect(older.ended.reason).toMatchObject({ code: 'FENCED' });
    expect(held.find(newer.id, 'site', 'north')).toBe(newer);
  });

  it('of one identity leave those of others alone', () => {
    const { held, openFor } = desk();
    const south = openFor('south');
    openFor('north');
    openFor('north');
    expect(held.find(south.id, 'site', 'south')).toBe(south);
  });

  it('live for a day', () => {
    const { clock, held, openFor } = desk();
    const session = openFor('north');
    clock.advance(DAY_MS);
    expect(held.find(session.id, 'site', 'north')).toBe(session);
    clock.advance(1);
    expect(codeOf(() => held.find(session.id, 'site', 'north'))).toBe('SESSION_CLOSED');
    expect(session.ended.aborted).toBe(true);
  });

  it('that were closed do not make the next one of the same identity a fence', () => {
    const { held, openFor } = desk();
    const first = openFor('north');
    held.close(first);
    openFor('north');
    expect(codeOf(() => held.find(first.id, 'site', 'north'))).toBe('SESSION_CLOSED');
  });

  it('A8: of a former member end with the reason', () => {
    const { held, openFor } = desk();
    const [north, south] = [openFor('north'), openFor('south')];
    held.closeUnless((_role, id) => id !== 'north');
    expect(north.ended.reason).toMatchObject({ code: 'REVOKED' });
    expect(held.find(south.id, 'site', 'south')).toBe(south);
  });

  it('R13: all end when the coordinator stops', () => {
    const { held, openFor } = desk();
    const open = [openFor('north'), openFor('south')];
    held.closeAll(new ConsiliumError('SESSION_CLOSED', 'the coordinator stops'));
    expect(open.map(({ ended }) => ended.aborted)).toEqual([true, true]);
  });

  it('remember 10,000 challenges that nobody answers, the newest', () => {
    const { held } = desk();
    const [first, second] = [held.challenge('site', 'north'), held.challenge('site', 'north')];
    // With the second one 10,000 are held; the first one had to go.
    for (let i = 0; i < 9_999; i++) held.challenge('site', 'south');
    expect(codeOf(() => held.open('site', 'north', first))).toBe('UNAUTHENTICATED');
    expect(codeOf(() => held.open('site', 'north', second))).toBeUndefined();
  });
});
