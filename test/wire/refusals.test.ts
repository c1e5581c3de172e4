import { describe, expect, it } from 'vitest';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { SCORE_BINS } from '../../shared/metrics/sums.ts';
import { decodeDeclaration } from '../../shared/wire/census-codec.ts';
import { decodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import { decodeEvaluation, encodeEvaluation } from '../../shared/wire/evaluation-codec.ts';
import { consilium } from '../../shared/wire/generated/consilium.js';
import { decodeRoundReport } from '../../shared/wire/round-report-codec.ts';
import { decodeReceipt } from '../../shared/wire/rounds-codec.ts';
import { decodeOpenSessionRequest } from '../../shared/wire/session-codec.ts';
import { delimited, tag, times } from '../helpers/wire-bytes.ts';

const { v1 } = consilium;
const HASH = new Uint8Array(32);

const refusal = (problem: string) =>
  expect.objectContaining({ code: 'WIRE_INVALID', message: expect.stringContaining(problem) });

// Well-formed bytes, encoded by the generated code, that say what cannot be.
describe('codecs refuse', () => {
  it('what the scan refuses, before they decode', () => {
    const site = delimited(1, Buffer.from('cleveland'));
    expect(() => decodeDeclaration(Uint8Array.from([...site, ...site]))).toThrow(
      refusal('expected at most 1, got more'),
    );
    expect(() => decodeReceipt(times(17, [...tag(99, 0), 1]))).toThrow(refusal('at most 16 unknown fields'));
  });

  it('a oneof of which nothing is set', () => {
    expect(() => decodeReceipt(new Uint8Array(0))).toThrow(
      refusal('Receipt: expected accepted, duplicate, late, refused, got none'),
    );
  });

  it('another version of the envelope, and half a session', () => {
    const request = (envelope: consilium.v1.Envelope.$Properties) =>
      v1.SignedRequest.encode({
        envelope: {
          version: 1,
          consortium: 'heartland',
          role: 1,
          sender: 'cleveland',
          method: '/x',
          bodyHash: HASH,
          signature: new Uint8Array(64),
          ...envelope,
        },
      }).finish();
    expect(() => decodeSignedRequest(request({}))).not.toThrow();
    expect(() => decodeSignedRequest(request({ version: 2 }))).toThrow(
      refusal('version: expected a whole number of 1..1, got 2'),
    );
    expect(() => decodeSignedRequest(request({ version: 0 }))).toThrow(refusal('got 0'));
    expect(() => decodeSignedRequest(request({ session: new Uint8Array(8) }))).toThrow(
      refusal('session: expected 0 or 16 bytes, got 8'),
    );
    expect(() => decodeSignedRequest(request({ role: 9 as consilium.v1.Role }))).toThrow(
      refusal('role: expected site, coordinator, officer, lead, operator; got number 9'),
    );
    expect(() => decodeSignedRequest(request({ role: 0 }))).toThrow(refusal('got number 0'));
  });

  it('a window of versions that is empty', () => {
    const open = (min: number, max: number) =>
      v1.OpenSessionRequest.encode({ challenge: HASH, protocol: { min, max } }).finish();
    expect(() => decodeOpenSessionRequest(open(1, 1))).not.toThrow();
    expect(() => decodeOpenSessionRequest(open(3, 2))).toThrow(
      refusal('expected versions from 1 up, got 3..2'),
    );
    expect(() => decodeOpenSessionRequest(open(0, 2))).toThrow(refusal('got 0..2'));
  });

  it('a detail where there is nothing to say', () => {
    const report = (reason: number) =>
      v1.RoundReport.encode({
        outcome: 1,
        closedBy: 1,
        modelHash: HASH,
        missing: [{ site: 'cleveland', reason, detail: 'norm' }],
      }).finish();
    expect(() => decodeRoundReport(report(3))).not.toThrow();
    expect(() => decodeRoundReport(report(1))).toThrow(
      refusal('missing[0]: expected no detail for declined'),
    );
  });

  it('sums of another length than their outputs', () => {
    const sparse = { sparse: {} };
    const evaluation = (squaredError: number) =>
      v1.Evaluation.encode({
        site: 'cleveland',
        studyHash: HASH,
        part: 1,
        subsets: [
          {
            class: {
              outputs: 2,
              positive: sparse,
              negative: sparse,
              scoreSum: sparse,
              squaredError: new Uint8Array(8 * squaredError),
              logLoss: new Uint8Array(16),
            },
          },
        ],
      }).finish();
    expect(() => decodeEvaluation(evaluation(2))).not.toThrow();
    expect(() => decodeEvaluation(evaluation(3))).toThrow(refusal('squaredError: expected 2 values, got 3'));
  });

  it('to send bins of another number', () => {
    const bins = (length: number) => new Float64Array(length);
    const score = { positive: bins(SCORE_BINS), negative: bins(999), scoreSum: bins(SCORE_BINS) };
    const sums = {
      kind: 'class',
      patients: 1,
      correct: 1,
      outputs: [{ ...score, squaredError: 0, logLoss: 0 }],
      calls: bins(0),
    } as const;
    const evaluation = {
      site: 'cleveland' as SiteId,
      studyHash: '0'.repeat(64) as ContentHash,
      round: 1,
      part: 'test',
      subsets: [sums],
    } as const;
    expect(() => encodeEvaluation(evaluation)).toThrow(refusal('negative: expected 1000 bins, got 999'));
  });
});
