import { describe, expect, it } from 'vitest';
import { createProgress } from '../../bin/progress.ts';
import { virtualClock } from '../../shared/core/clock.ts';

const CLEAR = '\r\u001b[2K';

function setup(options: { isTerminal: boolean; isQuiet?: boolean; columns?: number }) {
  const written: string[] = [];
  const clock = virtualClock();
  const progress = createProgress({
    stream: { write: (text) => written.push(text), columns: options.columns ?? 80 },
    isTerminal: options.isTerminal,
    isQuiet: options.isQuiet ?? false,
    clock,
  });
  return { progress, clock, written };
}

describe('createProgress', () => {
  it('rewrites one line on a terminal, and takes it away at the end', () => {
    const { progress, clock, written } = setup({ isTerminal: true });
    progress.line('round 1');
    clock.advance(100);
    progress.line('round 2');
    progress.clear();
    progress.clear();
    expect(written).toEqual([`${CLEAR}round 1`, `${CLEAR}round 2`, CLEAR]);
  });

  it('cuts a line that would wrap', () => {
    const { progress, written } = setup({ isTerminal: true, columns: 6 });
    progress.line('round 12');
    expect(written).toEqual([`${CLEAR}round`]);
  });

  it('writes plain lines elsewhere, one in five seconds', () => {
    const { progress, clock, written } = setup({ isTerminal: false });
    for (let second = 0; second < 11; second++) {
      progress.line(`second ${second}`);
      clock.advance(1_000);
    }
    progress.clear();
    expect(written).toEqual(['second 0\n', 'second 5\n', 'second 10\n']);
  });

  it('puts notes and warnings above the progress line', () => {
    const { progress, written } = setup({ isTerminal: true });
    progress.line('round 1');
    progress.note('saved');
    progress.warn('slow disk');
    expect(written).toEqual([`${CLEAR}round 1`, CLEAR, 'saved\n', 'warning slow disk\n']);
  });

  it('says nothing but warnings when quiet', () => {
    const { progress, written } = setup({ isTerminal: true, isQuiet: true });
    progress.line('round 1');
    progress.note('saved');
    progress.warn('slow disk');
    progress.clear();
    expect(written).toEqual(['warning slow disk\n']);
  });
});
