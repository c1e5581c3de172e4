import { parentPort, workerData } from 'node:worker_threads';
import { addMasks, MASK_SEED_BYTES, type Mask } from '../../shared/crypto/masks.ts';
import type { MaskPart, MaskThreadData } from './mask-messages.ts';

const port = parentPort;
if (port === null) throw new Error('mask-worker: expected to be started as a worker thread');

const { seeds, signs } = workerData as MaskThreadData;
const masks: readonly Mask[] = Array.from(signs, (sign, i) => ({
  seed: seeds.subarray(MASK_SEED_BYTES * i, MASK_SEED_BYTES * (i + 1)),
  sign: sign === 1 ? 1 : -1,
}));

port.on('message', async ({ at, words }: MaskPart) => {
  words.fill(0);
  await addMasks(words, masks, { at });
  port.postMessage({ at, words } satisfies MaskPart, [words.buffer]);
});
// Tells that it is there: nothing is asked of a thread that still loads.
port.postMessage(undefined);
