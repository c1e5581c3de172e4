import { isIPv4 } from 'node:net';
import type { Finding } from '../../shared/core/finding.ts';

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy that the daemon's gRPC goes through. */
export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** `user:password`. */
  readonly credentials: string | undefined;
}

/** As grpc-js reads them, the first that is set; in lower case alone. */
const VARIABLES = ['grpc_proxy', 'https_proxy', 'http_proxy'] as const;
const EXCEPTIONS = ['no_grpc_proxy', 'no_proxy'] as const;
const CASES = /^(https?|grpc)_proxy$/i;

/**
 * The proxy that gRPC uses for a host, and what is wrong with the variables that name it.
 * @param options.named the proxy of the node file, which the commands of a site put before all others.
 */
export function checkProxy(
  host: string,
  options: { readonly environment: Environment; readonly named: string | undefined },
): { readonly finding: Finding; readonly proxy: HttpProxy | undefined } {
  const { named } = options;
  const environment =
    named === undefined ? options.environment : { ...options.environment, grpc_proxy: named };
  const check = 'proxy';
  const set = (name: string) => (environment[name] ?? '') !== '';
  const variable = VARIABLES.find(set);
  if (variable === undefined) {
    const ignored = Object.keys(environment).find((name) => CASES.test(name) && set(name));
    if (ignored === undefined) return { finding: ok('none'), proxy: undefined };
    return {
      finding: {
        check,
        state: 'warning',
        found: `none is used, though ${ignored} names one`,
        cause: 'gRPC reads grpc_proxy, https_proxy and http_proxy, in lower case, and nothing else',
        fix: `name it in site.yaml, or set ${ignored.toLowerCase()} too`,
      },
      proxy: undefined,
    };
  }
  const url = parsed(environment[variable] as string);
  if (url === undefined || url.protocol !== 'http:') {
    return {
      finding: {
        check,
        state: 'failed',
        found: `${variable} is not used`,
        cause: 'gRPC goes through proxies of the form http://HOST:PORT alone, and ignores others',
        fix: `set ${variable}=http://HOST:PORT; what passes is encrypted all the same`,
      },
      proxy: undefined,
    };
  }
  const exceptions = EXCEPTIONS.find(set);
  const list = exceptions === undefined ? [] : (environment[exceptions] as string).split(',');
  if (list.some((entry) => isException(entry, host))) {
    return { finding: ok(`none: ${exceptions} leaves ${host} out`), proxy: undefined };
  }
  const proxy = {
    host: url.hostname,
    port: Number(url.port === '' ? 80 : url.port),
    credentials: url.username === '' ? undefined : decodeURIComponent(`${url.username}:${url.password}`),
  };
  return { finding: ok(`${proxy.host}:${proxy.port}, by ${variable}`), proxy };

  function ok(found: string): Finding {
    return { check, state: 'ok', found };
  }
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** A suffix of the host, or a range of IPv4 addresses that it lies in. */
function isException(entry: string, host: string): boolean {
  const [network = '', length] = entry.split('/');
  if (length === undefined || !isIPv4(network) || !isIPv4(host)) return host.endsWith(entry);
  const bits = Number(length);
  if (!(bits >= 0 && bits <= 32)) return false;
  const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
  return (number(host) & mask) >>> 0 === (number(network) & mask) >>> 0;
}

function number(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
