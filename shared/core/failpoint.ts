import { stat, truncate } from 'node:fs/promises';
import { ConsiliumError } from './errors.ts';

/**
 * Moments of a durable write. `begin`: nothing is written; `written`: not synced yet; `synced`: not renamed yet, or an
 * appended line that is safe; `renamed`: the folder is not synced yet. `settled` is of a folder, once it is synced.
 */
export const DURABLE_STEPS = ['begin', 'written', 'synced', 'renamed', 'settled'] as const;

export type DurableStep = (typeof DURABLE_STEPS)[number];

/** Told of every step of every durable write in this process, and waited for. What it throws, the write throws. */
export type DurableWatch = (step: DurableStep, path: string) => Promise<void>;

const NOBODY: DurableWatch = async () => undefined;
let watch = NOBODY;

/**
 * For faults on purpose: only `bin` and tests call it. The one state of the process that is not handed in, since each
 * store of each party would have to hand it on. @returns what ends the watch.
 */
export function watchDurableWrites(next: DurableWatch): () => void {
  watch = next;
  return () => {
    watch = NOBODY;
  };
}

/** For the code that writes durably. */
export function reached(step: DurableStep, path: string): Promise<void> {
  return watch(step, path);
}

/** `place.step:action[:count]`, e.g. `outbox.written:torn:3`: at the third such step below a file or folder of that name. */
export interface Failpoint {
  readonly place: string;
  readonly step: DurableStep;
  readonly action: 'exit' | 'throw' | 'torn';
  readonly count: number;
}

/** @throws ConsiliumError `BAD_ARGUMENT`. */
export function parseFailpoint(text: string): Failpoint {
  const [, place, step, action, count = '1'] =
    /^([\w.-]{1,100})\.(\w+):(exit|throw|torn)(?::([1-9]\d{0,5}))?$/.exec(text) ?? [];
  const known = DURABLE_STEPS.find((each) => each === step);
  const isSound = known !== undefined && (action !== 'torn' || known === 'written');
  if (place === undefined || !isSound) {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `failpoint: expected place.step:exit|throw|torn[:count], got ${JSON.stringify(text)}`,
      { hint: `Steps are ${DURABLE_STEPS.join(', ')}; only what is written can be torn.` },
    );
  }
  return { place, step: known, action: action as Failpoint['action'], count: Number(count) };
}

/** @param exit ends the process at once, as `kill -9` does; what comes after it is never done. */
export function failpointWatch(failpoint: Failpoint, exit: () => void): DurableWatch {
  let left = failpoint.count;
  let sizeBefore = 0;
  return async (step, path) => {
    const isPlace = path.split(/[\\/]/).some((part) => part === failpoint.place);
    if (isPlace && step === 'begin') sizeBefore = await sizeOf(path);
    if (!isPlace || step !== failpoint.step) return;
    left -= 1;
    if (left !== 0) return;
    if (failpoint.action === 'throw') throw new ConsiliumError('INTERNAL', `${path}: failpoint ${step}`);
    if (failpoint.action === 'torn') await truncate(path, tornSize(sizeBefore, await sizeOf(path)));
    exit();
    await new Promise(() => undefined);
  };
}

/** Half of what was written last: of a new file, or behind the lines that were there. */
function tornSize(before: number, after: number): number {
  return after > before ? (before + after) >> 1 : after >> 1;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
