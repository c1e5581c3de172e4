import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeReport } from '../../../simulations/report/render.ts';
import { hostileReport } from '../../helpers/sample-report.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  ...[
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--enable-logging=stderr',
  ],
  ...[
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--virtual-time-budget=500',
  ],
  // Any host but the file itself fails to resolve, and says so.
  '--host-resolver-rules=MAP * ~NOTFOUND',
];

if (!existsSync(CHROMIUM)) {
  process.stdout.write(`chromium.test.ts is skipped: there is no ${CHROMIUM} (apt-get install chromium)\n`);
}

describe.skipIf(!existsSync(CHROMIUM))('the report in Chromium', () => {
  let directory = '';
  let dom = '';
  let log = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'consilium-chromium-'));
    const { html } = await writeReport(hostileReport('<script>document.title="run"</script>'), directory);
    const { stdout, stderr } = await promisify(execFile)(
      CHROMIUM,
      [...FLAGS, `--user-data-dir=${join(directory, 'profile')}`, '--dump-dom', pathToFileURL(html).href],
      { maxBuffer: 64 * 1024 * 1024, timeout: 50_000 },
    );
    dom = stdout;
    log = stderr;
  });
  afterAll(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

  it('holds all figures, each a drawing with a title', () => {
    expect(dom.match(/<figure /g)).toHaveLength(12);
    expect(dom.match(/<svg role="img"/g)).toHaveLength(12);
  });

  it('is complete to its last line', () => {
    expect(dom).toContain('Versions and hashes');
    expect(dom.trimEnd()).toMatch(/<\/html>$/);
  });

  it('runs no script, asks nothing of the network and logs nothing', () => {
    expect(dom).not.toMatch(/<script|<title>run/);
    expect(dom).not.toMatch(/(?:src|href)="(?!#)/);
    expect(log).not.toMatch(/CONSOLE|ERR_|Refused to/);
  });
});
