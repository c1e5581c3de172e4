import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { watchInterrupts } from '../../bin/interrupt.ts';
import { virtualClock } from '../../shared/core/clock.ts';

/** Signals sent by hand, and a process that only notes its exits. */
function setup() {
  const signals = new EventEmitter();
  const exits: number[] = [];
  const warnings: string[] = [];
  const clock = virtualClock();
  const source = {
    on: (signal: string, listener: () => void) => signals.on(signal, listener),
    off: (signal: string, listener: () => void) => signals.off(signal, listener),
    exit: (code: number) => {
      exits.push(code);
      return undefined as never;
    },
  };
  const interrupts = watchInterrupts({ process: source, clock, warn: (line) => warnings.push(line) });
  return { signals, exits, warnings, clock, interrupts };
}

describe('watchInterrupts', () => {
  it.each(['SIGINT', 'SIGTERM'])('asks to stop on the first %s, and says so', (name) => {
    const { signals, exits, warnings, interrupts } = setup();
    expect(interrupts.signal.aborted).toBe(false);
    signals.emit(name);
    expect(interrupts.signal.reason).toMatchObject({ code: 'INTERRUPTED' });
    expect(warnings).toEqual(['stopping cleanly after the current step; Ctrl-C again stops at once']);
    expect(exits).toEqual([]);
  });

  // npm and tsx both pass the terminal's Ctrl-C on, so a process hears of it more than once.
  it('takes an echo of the first Ctrl-C for the same wish, and a later one for another', () => {
    const { signals, exits, clock } = setup();
    signals.emit('SIGINT');
    clock.advance(200);
    signals.emit('SIGINT');
    expect(exits).toEqual([]);
    clock.advance(200);
    signals.emit('SIGINT');
    expect(exits).toEqual([130]);
  });

  it('leaves signals alone once it is disposed', () => {
    const { signals, interrupts } = setup();
    interrupts.dispose();
    expect(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM')).toBe(0);
  });

  it('ends a real process with 130 on the second Ctrl-C', async () => {
    const script = `
      import { watchInterrupts } from './bin/interrupt.ts';
      import { systemClock } from './shared/core/clock.ts';
      watchInterrupts({ process, clock: systemClock, warn: () => process.stdout.write('stopping') });
      setTimeout(() => {}, 30_000);
      process.stdout.write('waiting');
    `;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      // The second one comes later than an echo would.
      setTimeout(() => child.kill('SIGINT'), text.includes('stopping') ? 500 : 0);
    });
    const exitCode = await new Promise((resolve) => child.on('close', resolve));
    expect({ exitCode, output }).toEqual({ exitCode: 130, output: 'waitingstopping' });
  });
});
