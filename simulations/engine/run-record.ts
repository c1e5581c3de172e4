import { siteId } from '../../shared/core/ids.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { SitePredictions } from './predictions.ts';

/** What one strategy with one seed came to: all that the report needs, so that a finished run is never repeated. */
export type RunRecord =
  | {
      readonly kind: 'ran';
      readonly strategy: string;
      readonly seed: number;
      readonly validation: readonly SitePredictions[];
      readonly test: readonly SitePredictions[];
      /** Of strategies that train one federation. */
      readonly model: ModelFacts | undefined;
    }
  | {
      readonly kind: 'impossible';
      readonly strategy: string;
      readonly seed: number;
      readonly reason: string;
    };

export interface ModelFacts {
  readonly modelHash: string;
  readonly chosenRound: number;
  readonly rounds: readonly RoundReport[];
}

/** As JSON; numbers of patients and scores as base64 of little-endian values, so that no bit is lost. */
export function encodeRecord(record: RunRecord): string {
  return JSON.stringify(record, (_key, value: unknown) => {
    if (value instanceof Int32Array || value instanceof Float32Array) {
      return {
        [value instanceof Int32Array ? 'int32' : 'float32']: Buffer.from(
          value.buffer,
          value.byteOffset,
          value.byteLength,
        ).toString('base64'),
      };
    }
    return value;
  });
}

/** The inverse of {@link encodeRecord}; of text that it wrote. */
export function decodeRecord(text: string): RunRecord {
  const record = JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('int32' in value && typeof value.int32 === 'string') return new Int32Array(bufferOf(value.int32));
    if ('float32' in value && typeof value.float32 === 'string')
      return new Float32Array(bufferOf(value.float32));
    return value;
  }) as RunRecord;
  if (record.kind === 'ran')
    for (const part of [record.validation, record.test]) for (const { site } of part) siteId(site);
  return record.kind === 'ran' ? { ...record, model: record.model ?? undefined } : record;
}

function bufferOf(base64: string): ArrayBuffer {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
