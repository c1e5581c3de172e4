import { afterEach, describe, expect, it } from 'vitest';
import { fileBlockCache } from '../../client/storage/block-cache.ts';
import { fileChainStore } from '../../client/storage/chain-file.ts';
import { readAudit } from '../../shared/audit/audit-files.ts';
import { readAuditLine } from '../../shared/audit/audit-line.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { modelHash } from '../../shared/protocol/model-hash.ts';
import { hospitalNetwork, SITES, SOURCE } from '../helpers/hospital-network.ts';

const SECURE = `${SOURCE.replace('minPatients: 1 }', 'minPatients: 1, weights: bucketed }')}privacy: { secureAggregation: true }\n`;

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe('the model chain over the network', () => {
  it('lets every site repeat each round, and end where the coordinator does', async () => {
    const network = await hospitalNetwork(SECURE);
    ends.push(() => network.remove());
    const { coordinator, hash, daemon, result } = await network.start();
    ends.push(() => coordinator.stop(1000));
    await Promise.all(SITES.map((site) => daemon(site)));
    const { status, reports } = await result();
    expect(status).toEqual({ kind: 'complete' });
    for (const site of SITES) {
      const folder = network.nodeFolder(site);
      const lines = (await readAudit(folder.audit)).lines.flatMap((line) => readAuditLine(line) ?? []);
      const models = lines.filter(({ type }) => type.startsWith('model.'));
      expect(models.map(({ type, round, data }) => [type, round, data['model']])).toEqual(
        reports.map((report) => ['model.verified', report.round, `sha256:${report.modelHash}`]),
      );
      const blocks = fileBlockCache(folder.blockCache, { maxBytes: 2 ** 20, clock: systemClock });
      const head = await fileChainStore(folder.chain(hash), blocks).head();
      expect(head && modelHash(head.blocks)).toBe(reports.at(-1)?.modelHash);
    }
  }, 120_000);
});
