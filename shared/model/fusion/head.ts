import type { Tensor, Tensor2D } from '../../compute/tf.ts';
import { dense, type TakeTensor } from '../layers.ts';

/** The joint head: [B, embedding] → [B, K]; one hidden layer, or linear where `hidden` is 0. */
export function applyHead(x: Tensor, take: TakeTensor, hidden: number): Tensor2D {
  const inner = hidden === 0 ? x : dense(x, take, { activation: 'relu' });
  return dense(inner, take);
}
