import { parentPort } from 'node:worker_threads';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { tf } from '../../shared/compute/tf.ts';

const { name } = await chooseBackend();
const x = tf.variable(tf.ones<tf.Rank.R4>([2, 4, 4, 3]));
const filter = tf.ones<tf.Rank.R4>([3, 3, 3, 2]);
const { value, grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(tf.conv2d(x, filter, 1, 'same')), [x]);
const [gradient] = Object.values(grads);
parentPort?.postMessage({ name, value: value.dataSync()[0], corner: gradient?.dataSync()[0] });
