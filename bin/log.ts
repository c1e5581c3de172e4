import pino from 'pino';
import type { Log, LogFacts } from '../shared/core/log.ts';

/** A daemon's log on stderr: a JSON object per line, or readable lines for a person at a terminal. */
export function daemonLog(options: { readonly isTerminal: boolean; readonly isQuiet: boolean }): Log {
  const base = {
    base: null,
    level: options.isQuiet ? 'warn' : 'info',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    messageKey: 'event',
  };
  const logger = options.isTerminal
    ? pino({
        ...base,
        transport: { target: 'pino-pretty', options: { destination: 2, messageKey: 'event', sync: true } },
        formatters: {},
      })
    : pino(base, pino.destination({ dest: 2, sync: true }));
  const at = (level: 'info' | 'warn' | 'error') => (event: string, facts?: LogFacts) => {
    logger[level](facts ?? {}, event);
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
