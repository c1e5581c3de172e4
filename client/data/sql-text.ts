/** A name as SQL takes it, whatever its characters. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL takes it, whatever its characters. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
