import { z } from 'zod';
import { checkSchema } from '../../shared/config/check-schema.ts';
import { refuseFaults } from '../../shared/config/faults.ts';
import { loadYaml } from '../../shared/config/yaml-file.ts';
import { real, text, whole } from '../../shared/study/schema-parts.ts';
import type { RoundPolicy } from '../rounds/policy.ts';

/** A coordinator as its operator describes it. */
export interface CoordinatorFile {
  readonly coordinator: string;
  /** What sites connect to, `host:port`. */
  readonly endpoints: readonly string[];
  readonly listen: { readonly sites: string; readonly people: string };
  /** `host:port` of the Prometheus figures; undefined: none. */
  readonly metrics: string | undefined;
  /** Folder of the files that studies name. As written: a relative one is meant from the coordinator's folder. */
  readonly assets: string | undefined;
  readonly rounds: Partial<RoundPolicy>;
}

const MINUTE_MS = 60_000;

const ID_WORDS = '1-64 of a-z, 0-9 and -, not starting with -';
const ADDRESS_WORDS = 'HOST:PORT, such as 0.0.0.0:8443 or [::]:8443';
const address = z
  .string({ error: ADDRESS_WORDS })
  .regex(/^(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, { error: ADDRESS_WORDS });

const schema = z.strictObject({
  coordinator: z.string({ error: ID_WORDS }).regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: ID_WORDS }),
  endpoints: z.array(address).min(1).max(8),
  listen: z
    .strictObject({ sites: address.default('0.0.0.0:8443'), people: address.default('0.0.0.0:8444') })
    .prefault({}),
  metrics: address.nullable().default('127.0.0.1:9464'),
  assets: text(4096).nullable().default(null),
  rounds: z
    .strictObject({
      graceMinutes: real({ above: 0, to: 100_000 }).optional(),
      limitHours: real({ above: 0, to: 10_000 }).optional(),
      evaluationMinutes: real({ above: 0, to: 100_000 }).optional(),
      censusHours: real({ above: 0, to: 10_000 }).optional(),
      quorumSites: whole(0, 100_000).optional(),
      failedInRow: whole(1, 1000).optional(),
    })
    .prefault({}),
});

/** For `readText`. */
export const COORDINATOR = {
  what: 'a coordinator file',
  tooLong: 'COORDINATOR_FILE_INVALID',
  hint: 'Run in the folder of the coordinator or name it with --dir; consilium coordinator init makes one.',
} as const;

/**
 * @param fileName for messages only; nothing is opened.
 * @throws ConsiliumError `COORDINATOR_FILE_INVALID` with every fault of the file at once, one line each.
 */
export function readCoordinatorFile(source: string, fileName: string): CoordinatorFile {
  const yaml = loadYaml(source, fileName);
  const checked = yaml.value === undefined ? undefined : checkSchema(schema, yaml);
  refuseFaults('COORDINATOR_FILE_INVALID', [
    ...yaml.faults,
    ...(checked?.ok === false ? checked.faults : []),
  ]);
  if (checked?.ok !== true) throw new Error('a coordinator file without faults has a value');
  const { metrics, assets, rounds, ...plain } = checked.value;
  const inMs = (value: number | undefined, unitMs: number) =>
    value === undefined ? undefined : value * unitMs;
  const policy = {
    graceMs: inMs(rounds.graceMinutes, MINUTE_MS),
    roundLimitMs: inMs(rounds.limitHours, 60 * MINUTE_MS),
    evaluationLimitMs: inMs(rounds.evaluationMinutes, MINUTE_MS),
    censusLimitMs: inMs(rounds.censusHours, 60 * MINUTE_MS),
    quorumSites: rounds.quorumSites,
    maxFailedRounds: rounds.failedInRow,
  };
  return {
    ...plain,
    metrics: metrics ?? undefined,
    assets: assets ?? undefined,
    rounds: Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)),
  };
}
