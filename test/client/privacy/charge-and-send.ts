import { writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openSiteBudget } from '../../../client/node/site-budget.ts';
import { openAuditLog } from '../../../shared/audit/audit-log.ts';
import { systemClock } from '../../../shared/core/clock.ts';
import { signingKeyOf } from '../../../shared/crypto/sign.ts';
import { newCharge } from '../../helpers/new-charge.ts';

/** A site that opens its ledger, pays for a round and sends a byte; at `stop` it says so and waits to be killed. */
const [folder = '', stop = ''] = process.argv.slice(2);

function reach(place: string): void {
  if (place !== stop) return;
  writeSync(1, 'there');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const audit = await openAuditLog({
  folder: join(folder, 'audit'),
  key: signingKeyOf(new Uint8Array(32).fill(1)),
  clock: systemClock,
});
const ledger = await openSiteBudget(
  { state: folder, audit: join(folder, 'audit') },
  {
    clock: systemClock,
    audit: {
      async append(entry) {
        reach(`before ${entry.type}`);
        const line = await audit.append(entry);
        reach(`after ${entry.type}`);
        return line;
      },
    },
  },
);
reach('before the charge');
await ledger.charge(newCharge(1), { maxEpsilon: null, maxEpsilonTotal: null });
reach('before the byte');
writeFileSync(join(folder, 'left'), 'a byte');
reach('after the byte');
