import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  EGRESS_KINDS,
  type EgressKind,
  type Ledger,
  transientLedger,
} from '../../../client/storage/ledger.ts';
import { egress } from '../../../client/update/egress.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import type { CoordinatorPort } from '../../../shared/protocol/coordinator-port.ts';
import type { Evaluation, Update } from '../../../shared/protocol/messages.ts';
import type { PrivacyStatement } from '../../../shared/protocol/privacy-statement.ts';
import { METHODS } from '../../../shared/wire/generated/methods.ts';
import { SCAN_TABLE } from '../../../shared/wire/generated/scan-table.ts';
import { declarationOf, FOUR_SITES, type SmallSite, STUDY_HASH } from '../../helpers/federation.ts';

const SITE = siteId('site-a');
const DECLARATION = declarationOf(FOUR_SITES[0] as SmallSite);
const UPDATE: Update = {
  site: SITE,
  studyHash: STUDY_HASH,
  round: 3,
  blocks: [{ block: JOINT_BLOCK, weight: 5, steps: 0, vector: Int32Array.of(1, 2), clipped: false }],
  loss: 0.5,
};
const EVALUATION: Evaluation = {
  site: SITE,
  studyHash: STUDY_HASH,
  round: 4,
  part: 'test',
  subsets: [undefined],
};

const STATEMENT: PrivacyStatement = {
  site: SITE,
  studyHash: STUDY_HASH,
  mode: 'record',
  unit: 'patient',
  delta: 1e-5,
  multiplier: undefined,
  epsilonBand: 3,
};

/** As a ledger on a disk: a line is there only some time after it was handed over. */
function slowLedger(): Ledger {
  const inner = transientLedger();
  return {
    async append(line) {
      await setImmediate();
      await inner.append(line);
    },
    lines: inner.lines,
  };
}

/** A coordinator's end of the line that notes, for each message, how long the ledger was when it came in. */
function listening(ledger: Ledger) {
  const heard: { readonly kind: string; readonly lines: number }[] = [];
  const hear = async (kind: string) => {
    heard.push({ kind, lines: (await ledger.lines()).length });
  };
  const accepted = { kind: 'accepted' } as const;
  const port: CoordinatorPort = {
    declare: () => hear('declaration'),
    awaitInstruction: async () => ({ kind: 'census' }),
    fetchBlock: async () => Float32Array.of(7),
    fetchRecords: async () => [],
    fetchSum: async () => new Int32Array(0),
    submitUpdate: () => hear('update').then(() => accepted),
    reportReady: () => hear('ready').then(() => accepted),
    submitSecure: () => hear('secure').then(() => accepted),
    submitEvaluation: () => hear('evaluation').then(() => accepted),
    statePrivacy: () => hear('privacy-statement'),
    decline: () => hear('decline'),
  };
  return { port, heard };
}

function opened(ledger: Ledger = slowLedger()) {
  const clock = virtualClock(1000);
  const { port, heard } = listening(ledger);
  return { ledger, clock, heard, out: egress(port, { study: STUDY_HASH, ledger, clock }) };
}

describe('egress', () => {
  it('has the line of a message in the ledger before the message is sent', async () => {
    const { out, heard } = opened();
    await out.declare(DECLARATION);
    await out.submitUpdate(UPDATE);
    await out.submitEvaluation(EVALUATION);
    await out.decline(SITE, 5);
    await out.statePrivacy(STATEMENT);
    expect(heard).toEqual([
      { kind: 'declaration', lines: 1 },
      { kind: 'update', lines: 2 },
      { kind: 'evaluation', lines: 3 },
      { kind: 'decline', lines: 4 },
      { kind: 'privacy-statement', lines: 5 },
    ]);
  });

  it('says of each message what it was, when, in which round and how long', async () => {
    const { out, clock, ledger } = opened();
    await out.submitUpdate(UPDATE);
    clock.advance(500);
    await out.decline(SITE, 9);
    const [update, decline] = await ledger.lines();
    expect(update).toMatchObject({ seq: 1, time: 1000, kind: 'update', study: STUDY_HASH, round: 3 });
    expect(decline).toMatchObject({ seq: 2, time: 1500, kind: 'decline', round: 9 });
  });

  it('sends nothing that it could not write down', async () => {
    const full: Ledger = {
      append: async () => {
        throw new Error('no space left');
      },
      lines: async () => [],
    };
    const { out, heard } = opened(full);
    await expect(out.declare(DECLARATION)).rejects.toThrow('no space left');
    await expect(out.submitUpdate(UPDATE)).rejects.toThrow('no space left');
    await expect(out.submitEvaluation(EVALUATION)).rejects.toThrow('no space left');
    await expect(out.decline(SITE, 1)).rejects.toThrow('no space left');
    expect(heard).toEqual([]);
  });

  it('writes nothing for what comes in', async () => {
    const { out, ledger } = opened();
    expect(await out.awaitInstruction(SITE, new AbortController().signal)).toEqual({ kind: 'census' });
    expect(await out.fetchBlock(sha256('x'))).toEqual(Float32Array.of(7));
    expect(await ledger.lines()).toEqual([]);
  });

  it('writes down a message that is sent twice as two', async () => {
    const { out, ledger } = opened();
    await out.declare(DECLARATION);
    await out.declare(DECLARATION);
    const lines = await ledger.lines();
    expect(lines.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(lines[0]?.hash).toBe(lines[1]?.hash);
  });

  it('counts and hashes the numbers themselves', async () => {
    const { out, ledger } = opened();
    const block = UPDATE.blocks[0] as Update['blocks'][number];
    const send = (vector: Int32Array) => out.submitUpdate({ ...UPDATE, blocks: [{ ...block, vector }] });
    await send(Int32Array.of(1, 2));
    await send(Int32Array.of(1, 3));
    await send(Int32Array.of(1, 2));
    await send(new Int32Array(1000).fill(1));
    const [first, other, again, long] = await ledger.lines();
    expect(other?.hash).not.toBe(first?.hash);
    expect(again?.hash).toBe(first?.hash);
    // 998 numbers more, of 4 bytes each; the structure around them names the length: "8" became "4000".
    expect((long?.bytes ?? 0) - (first?.bytes ?? 0)).toBe(998 * 4 + 3);
  });

  it('hashes the sums of a declaration, which lie in maps', async () => {
    const { out, ledger } = opened();
    await out.declare(DECLARATION);
    await out.declare(declarationOf({ ...(FOUR_SITES[0] as SmallSite), labs: 29 }));
    const [first, second] = await ledger.lines();
    expect(first?.hash).not.toBe(second?.hash);
  });
});

describe('what leaves a site in a study', () => {
  /** Each call of the contract that carries something of the site's: privacy.md §9. The others fetch, or stage a content. */
  const KIND_OF: Readonly<Record<string, EgressKind>> = {
    Declare: 'declaration',
    CommitUpdate: 'update',
    ReportReady: 'ready',
    SubmitSecure: 'secure',
    SubmitEvaluation: 'evaluation',
    Decline: 'decline',
    StatePrivacy: 'privacy-statement',
  };
  const OTHERS = ['AwaitInstruction', 'FetchBlock', 'FetchRecords', 'FindUpload', 'UploadUpdate', 'Progress'];

  it('is every call of the contract, and each has a kind of line on the ledger', () => {
    const calls = Object.keys(METHODS).filter((path) => path.startsWith('/consilium.v1.RoundsService/'));
    expect(calls.map((path) => path.split('/').at(-1)).sort()).toEqual(
      [...Object.keys(KIND_OF), ...OTHERS].sort(),
    );
    expect(Object.values(KIND_OF).sort()).toEqual([...EGRESS_KINDS].sort());
  });

  it('has a statement on privacy with the fields of the contract, and no other', () => {
    const fields = Object.values(SCAN_TABLE.PrivacyStatement).map(({ name }) => name);
    expect(fields.sort()).toEqual([
      'delta',
      'epsilonBand',
      'mode',
      'multiplier',
      'site',
      'studyHash',
      'unit',
    ]);
  });
});
