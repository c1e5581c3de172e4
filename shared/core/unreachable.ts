/** Marks a branch that the types rule out; reached only when a union grew and its switch did not. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
