import { describe, expect, it } from 'vitest';
import type { AuditReport } from '../../../simulations/audit/audit-report.ts';
import { auditText } from '../../../simulations/report/audit-summary.ts';
import { reportForPrograms } from '../../../simulations/report/for-programs.ts';
import { renderPage } from '../../../simulations/report/html/page.ts';
import { summaryText } from '../../../simulations/report/summary.ts';
import { sampleReport } from '../../helpers/sample-report.ts';

const PICTURE = { width: 2, pixels: [0, 1, 0.5, 0.5] };

function sampleAudit(change: Partial<AuditReport> = {}): AuditReport {
  return {
    inversion: {
      recognizedFrom: 20,
      blindGuess: 8.6,
      attacks: [
        {
          id: 'dense-alone',
          title: 'closed form: one picture',
          encoder: 'dense',
          isStudy: true,
          psnr: [99, 12],
          pairs: [{ truth: PICTURE, found: PICTURE }],
          meaning: 'Control.',
        },
      ],
    },
    claim: {
      claimed: 2,
      delta: 1e-5,
      confidence: 0.999,
      canaries: 1000,
      noised: { guesses: 200, right: 110, lowerBound: 0.5 },
      bare: { guesses: 900, right: 900, lowerBound: 3 },
    },
    membership: {
      rows: [
        {
          pattern: 'all',
          members: 300,
          others: 100,
          auc: 0.52,
          aucInterval: [0.47, 0.57],
          tpr: 0.02,
          tprInterval: [0, 0.04],
          curve: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
    },
    canaries: { planted: 9, messages: 4, bytes: 1000, hits: [], controlFound: true },
    seconds: 12,
    ...change,
  };
}

describe('an audit in the report', () => {
  it('is a section with the attacks, pictures, a figure, and what it does not say', async () => {
    const page = await renderPage({ ...sampleReport(), audit: sampleAudit() });
    expect(page).toContain('href="#audit"');
    expect(page).toContain('id="report-figure-membership"');
    // Three shades, a path each, in both pictures of the pair; the two equal pixels are one bar.
    expect(page.match(/<path fill="rgb\(/g)).toHaveLength(2 * 3);
    expect(page).toContain('d="M0 1h2v1H0z"');
    expect(page).toContain('What this does not say');
  });

  it('is absent where none was asked for', async () => {
    expect(await renderPage(sampleReport())).not.toContain('id="audit"');
    expect(summaryText(sampleReport())).not.toContain('audit');
  });

  it('says on a terminal what was attacked, the result and its meaning, 100 columns wide', () => {
    const text = summaryText({ ...sampleReport(), audit: sampleAudit() });
    expect(text).toContain('1 of 2 recognized; best 99.0 dB');
    expect(text).toContain('110 of 200 guesses right; epsilon above 0.500');
    expect(text).toContain('The claim stands');
    const lines = auditText(sampleAudit()).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('shouts where the claim is refuted or a word left a site', () => {
    const { claim, canaries } = sampleAudit();
    const text = auditText(
      sampleAudit({
        claim: { ...claim, noised: { guesses: 200, right: 199, lowerBound: 2.4 } },
        canaries: { ...canaries, hits: [{ site: 'north', kind: 'update', encoding: 'hex' }] },
      }),
    );
    expect(text).toContain('THE CLAIM IS REFUTED');
    expect(text).toContain('WORDS OF A SITE LEFT IT: north, update.');
  });

  it('gives programs every number, and leaves the pictures to people', () => {
    const data = reportForPrograms({ ...sampleReport(), audit: sampleAudit() }) as { audit: AuditReport };
    expect(data.audit.inversion.attacks[0]).toMatchObject({ id: 'dense-alone', psnr: [99, 12] });
    expect(JSON.stringify(data.audit)).not.toContain('pixels');
    expect(data.audit.claim).toEqual(sampleAudit().claim);
  });
});
