/**
 * Settings that the native library reads from the process's environment when it is first loaded. They take effect on
 * the main thread only: a worker's `process.env` is a copy that native code never sees. What an operator has set wins.
 *
 * One thread per operation: the thread pool is one for the whole process, workers train side by side instead, and the
 * small models of this project gain nothing from a second thread.
 */
export function prepareNative(): void {
  process.env['TF_NUM_INTRAOP_THREADS'] ??= '1';
  process.env['TF_NUM_INTEROP_THREADS'] ??= '1';
  // Errors only; TensorFlow's notices about instruction sets would go to the terminal otherwise.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
}
