/** Lets the process hear of other things, such as the wish to stop, in the middle of work that never waits by itself. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
