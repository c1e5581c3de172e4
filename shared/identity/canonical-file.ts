import type { z } from 'zod';
import { formatPath } from '../config/faults.ts';
import type { ErrorCode } from '../core/catalog.ts';
import { ConsiliumError } from '../core/errors.ts';
import { canonicalJson } from '../study/canonical.ts';

/**
 * Reads bytes that somebody signed: canonical JSON, so that one value has one spelling, no key stands twice and nothing
 * is skipped unseen.
 * @param bytes Borrowed; longer than `maxBytes` is not parsed.
 * @throws ConsiliumError `options.code` with the first fault.
 */
export function parseCanonical<T>(
  bytes: Uint8Array,
  schema: z.ZodType<T>,
  options: { readonly what: string; readonly code: ErrorCode; readonly maxBytes: number },
): T {
  const { what, code, maxBytes } = options;
  const refused = (message: string, cause?: unknown) =>
    new ConsiliumError(code, `${what}: ${message}`, cause === undefined ? {} : { cause });
  if (!(bytes.length <= maxBytes)) throw refused(`expected at most ${maxBytes} bytes, got ${bytes.length}`);
  const { text, value } = (() => {
    try {
      const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return { text: decoded, value: JSON.parse(decoded) as unknown };
    } catch (cause) {
      throw refused('expected JSON, got other bytes', cause);
    }
  })();
  const result = schema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    const path = formatPath(issue?.path ?? []);
    throw refused(`${path === '' ? '' : `${path}: `}${issue?.message ?? 'expected another value'}`);
  }
  if (canonicalJson(value) !== text) {
    throw refused('expected canonical JSON, got another spelling; files that are signed are not edited');
  }
  return result.data;
}
