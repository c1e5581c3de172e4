import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditReport } from '../../simulations/audit/audit-report.ts';
import { type Ended, runConsilium } from '../bin/run-consilium.ts';
import { type HospitalFiles, hospitalFiles } from '../helpers/hospital-files.ts';

let files: HospitalFiles;
let ended: Ended;
let audit: AuditReport;
let page = '';

const commandLine = (...more: string[]) => [
  ...['simulate', files.study, '--report', files.path('report'), '--workers', '1', '--backend', 'wasm'],
  ...['--strategy', 'none', '--audit', ...more],
];

// The search for pictures alone takes half a minute on an idle machine.
beforeAll(async () => {
  files = hospitalFiles();
  ended = await runConsilium(commandLine());
  const text = (name: string) => readFileSync(join(files.path('report'), name), 'utf8');
  audit = (JSON.parse(text('report.json')) as { audit: AuditReport }).audit;
  page = text('report.html');
}, 900_000);
afterAll(() => files.remove());

describe('consilium simulate --audit', () => {
  it('ends well, and says what it found', () => {
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.stdout).toMatch(/^audit, /m);
    expect(ended.stdout).toContain('0 hits; control found');
  });

  it('plants words at every site and finds none in what they sent, though it would', () => {
    const { planted, messages, bytes, hits, controlFound } = audit.canaries;
    // The patients of the four hospitals: 60 + 30 + 45 + 25.
    expect(planted).toBe(160);
    // Census, three rounds and evaluations of four sites.
    expect(messages).toBeGreaterThan(4 * 3);
    expect(bytes).toBeGreaterThan(1000);
    expect({ hits, controlFound }).toEqual({ hits: [], controlFound: true });
  });

  it('has a section in the report with a row for each attack, and pictures in the page alone', () => {
    expect(page).toContain('<h2 id="audit">');
    expect(page).toContain('<a href="#audit">');
    for (const { title } of audit.inversion.attacks) expect(page).toContain(title);
    expect(page).toContain('0 hits; control found');
    expect(audit.inversion.attacks.flatMap((attack) => Object.keys(attack))).not.toContain('pairs');
  });

  it('recognizes pictures where nothing protects them, by either attack: else the rest would say nothing', () => {
    for (const id of ['dense-alone', 'convolutions-alone']) {
      const attack = audit.inversion.attacks.find((each) => each.id === id);
      expect(Math.max(...(attack?.psnr ?? []))).toBeGreaterThanOrEqual(audit.inversion.recognizedFrom);
      expect(attack?.isStudy).toBe(true);
    }
  });

  it('claims no epsilon for a study without noise, and is right about each canary', () => {
    expect(audit.claim).toMatchObject({ claimed: null, noised: null });
    expect(audit.claim.bare.right).toBe(audit.claim.bare.guesses);
    // 2 N canaries of the largest site, of whose 60 patients a quarter tests and a fifth validates: 33 or so train.
    expect(audit.claim.canaries).toBeGreaterThan(60);
    // So few guesses, all right, refute no epsilon at a delta of 1 in 1,000.
    expect(audit.claim).toMatchObject({ delta: 0.001, bare: { lowerBound: 0 } });
  });

  it('is refused together with --resume, which has not seen what was sent', async () => {
    const { exitCode, stderr } = await runConsilium(commandLine('--resume'));
    expect(exitCode).toBe(4);
    expect(stderr).toContain('--resume');
  });
});
