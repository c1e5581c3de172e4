const DEFAULT_PORT = 443;

/** `host:port` of `https://host:port`. */
export function addressOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === '' ? DEFAULT_PORT : port}`;
}
