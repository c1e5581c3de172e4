import { describe, expect, it } from 'vitest';
import { steadyClock, systemClock, virtualClock } from '../../shared/core/clock.ts';

describe('virtualClock', () => {
  it('stands still until it is moved', () => {
    const clock = virtualClock(1_000);
    expect([clock.now(), clock.now()]).toEqual([1_000, 1_000]);
    clock.advance(250);
    clock.advance(5);
    expect(clock.now()).toBe(1_255);
  });

  it('begins at 0 unless told', () => {
    expect(virtualClock().now()).toBe(0);
  });
});

describe('systemClock', () => {
  it('tells the time of the machine in milliseconds', () => {
    const before = Date.now();
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });
});

describe('steadyClock', () => {
  it('R9: moves with the monotonic clock alone, whether the wall clock jumps a day on or is put back an hour', () => {
    const [wall, monotonic] = [virtualClock(1_700_000_000_000), virtualClock(500)];
    const clock = steadyClock(wall, monotonic);
    expect(clock.now()).toBe(1_700_000_000_000);
    wall.advance(24 * 3_600_000);
    monotonic.advance(1_000);
    expect(clock.now()).toBe(1_700_000_001_000);
    wall.advance(-25 * 3_600_000);
    monotonic.advance(50);
    expect(clock.now()).toBe(1_700_000_001_050);
  });
});
