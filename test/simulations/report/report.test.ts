import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportForPrograms } from '../../../simulations/report/for-programs.ts';
import { renderPage } from '../../../simulations/report/html/page.ts';
import { writeReport } from '../../../simulations/report/render.ts';
import {
  emptyReport,
  hostileReport,
  largeReport,
  oneSiteReport,
  sampleLeftOut,
  samplePrivacy,
  sampleReport,
} from '../../helpers/sample-report.ts';

const FIGURES = [
  ...[
    'federation-map',
    'strategies',
    'subsets',
    'per-site',
    'calibration',
    'fairness',
    'shapley',
    'degradation',
  ],
  ...['learning-curves', 'block-curves', 'contributions', 'rarity'],
];
const SECTIONS = ['federation', 'results', 'subsets', 'sites', 'calibration', 'modalities', 'training'];

/** What a reader sees: text without tags, entities resolved. */
function textOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
}

function figuresOf(page: string): string[] {
  return [...page.matchAll(/data-figure="([^"]+)"/g)].map((match) => match[1] as string);
}

describe('renderPage', () => {
  let page = '';
  beforeAll(async () => {
    page = await renderPage(sampleReport());
  });

  it('draws every figure once, with a title, a description and its numbers beneath', () => {
    expect(figuresOf(page).sort()).toEqual([...FIGURES].sort());
    expect(page.match(/<svg role="img" aria-labelledby="[^"]+-t [^"]+-d" /g)).toHaveLength(FIGURES.length);
    expect(page.match(/<title id="/g)).toHaveLength(FIGURES.length);
    expect(page.match(/<desc id="/g)).toHaveLength(FIGURES.length);
    expect(page.match(/Numbers of this figure/g)).toHaveLength(FIGURES.length);
  });

  it('shows each site left out in turn where the study does so', async () => {
    expect(page).not.toContain('id="left-out"');
    const text = textOf(await renderPage({ ...sampleReport(), leftOut: sampleLeftOut() }));
    expect(text).toContain('Each site left out in turn');
    expect(text).toContain('+0.075 (+0.025 to +0.125)');
    // Accuracy with bias 0 and with the prevalence.
    expect(text).toMatch(/pooled\s+0\.610\s+0\.840/);
    expect(text).toMatch(/zurich\s+<11\s+93\.0 %/);
  });

  it('shows what noise on patients costs, and all that a claim consists of, where that was compared', async () => {
    expect(page).not.toContain('id="track-1-privacy"');
    const sample = sampleReport();
    const tracks = sample.tracks.map((track) => ({ ...track, privacy: samplePrivacy() }));
    const compared = await renderPage({ ...sample, tracks });
    expect(figuresOf(compared)).toContain('privacy');
    expect(compared).toContain('<a href="#track-1-privacy">Privacy</a>');
    const text = textOf(compared).replace(/\s+/g, ' ');
    // Means of five seeds; the difference of .912 and .882 is without noise minus the row.
    expect(text).toMatch(/Epsilon 3 0\.875 \(0\.874 to 0\.877\) .* \+0\.030 \(\+0\.016 to \+0\.045\) worse/);
    expect(text).toContain('budapest 176 0.0001 3.00, noise 8.4');
    for (const part of [
      'Unit: one patient',
      'Adjacency: one patient',
      'Covered:',
      'Not covered:',
      'Accountant:',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('counts only the sites that trained, and those that were tested, where one is left out', async () => {
    const sample = sampleReport();
    const tracks = sample.tracks.map((track) => ({
      ...track,
      sites: track.sites.map((site, i) => ({
        ...site,
        patients: i === 0 ? { train: 0, validation: 0, test: 90 } : { train: 40, validation: 9, test: 0 },
      })),
    }));
    const [first] = tracks;
    const text = textOf(await renderPage({ ...sample, tracks }));
    const others = (first?.sites.length ?? 0) - 1;
    expect(others).toBeGreaterThan(1);
    expect(text).toContain(`patients of ${others} sites that hold`);
    expect(text).toMatch(/Mean over sites\s+[\d.]+\s+1 site,/);
  });

  it('has every section, and links only to what is there', () => {
    for (const section of SECTIONS) expect(page).toContain(`id="track-1-${section}"`);
    for (const section of ['rarity', 'notes', 'settings', 'provenance'])
      expect(page).toContain(`id="${section}"`);
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1] as string);
    for (const link of links) expect(page).toContain(`id="${link}"`);
  });

  it('uses each id once', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(ids.length).toBe(new Set(ids).size);
  });

  it('needs no network, no script and no namespace', () => {
    expect(page).not.toMatch(/https?:|<script|<link|<img|@import|url\((?!#)/);
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('leaves no colour in a figure that would not follow dark mode', () => {
    const drawings = [...page.matchAll(/<svg.*?<\/svg>/gs)].map((match) => match[0]).join('');
    const values = new Set([...drawings.matchAll(/ (?:fill|stroke)="([^"]+)"/g)].map((match) => match[1]));
    const fixed = [...values].filter(
      (value) => !/^(var\(--[a-z]+,#[0-9a-f]{6}\)|none|transparent|currentColor)$/.test(value ?? ''),
    );
    expect(fixed).toEqual([]);
  });

  it('writes figures in text of 11 pixels or more', () => {
    const sizes = [...page.matchAll(/font-size="([\d.]+)px"/g)].map((match) => Number(match[1]));
    expect(sizes.length).toBeGreaterThan(100);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11);
  });

  it('says which targets were missed and by how much', () => {
    const text = textOf(page);
    expect(text).toContain('reached, with 0.012 to spare'); // .842 - .83
    expect(text).toContain('missed by 0.007'); // .127 - .12, lower is better
    expect(text).toContain('not measured');
  });

  it('prints suppressed cells as "<11", never their numbers', () => {
    expect(textOf(page)).toContain('<11');
    expect(page).not.toContain('NaN');
  });

  it('gives the same text for the same data, whatever was drawn before', async () => {
    expect(await renderPage(sampleReport())).toBe(page);
  });

  it('prints what is not defined as "–" and leaves out figures without numbers', async () => {
    const one = await renderPage(oneSiteReport());
    expect(textOf(one)).toMatch(/This study\s+12\.346\s+–\s+–\s+–/);
    expect(textOf(one)).toContain('No baseline was run');
    expect(figuresOf(one)).not.toContain('calibration');
    const empty = await renderPage(emptyReport());
    expect(figuresOf(empty)).toEqual([]);
    expect(textOf(empty)).toContain('No strategy has a defined result');
    for (const text of [textOf(one), textOf(empty)]) expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
  });

  it('escapes every name that a stranger chose', async () => {
    const attack = `<script>alert(1)</script>"'><img src=x onerror=y>\u202e\u0000`;
    const hostile = await renderPage(hostileReport(attack));
    expect(hostile).not.toMatch(/<script|<img|\u202e|\0/);
    expect(hostile).toContain('&lt;script&gt;alert(1)');
    expect(figuresOf(hostile).sort()).toEqual([...FIGURES].sort());
  });

  it('draws the 40 sites that matter of a thousand, and keeps the rest in words', async () => {
    const large = await renderPage(largeReport());
    expect(textOf(large)).toContain('961 other sites'); // 1,000 - 39 drawn
    expect(textOf(large)).toContain('All 1,000 sites');
    const drawings = [...large.matchAll(/<svg.*?<\/svg>/gs)].map((match) => match[0]).join('');
    expect(new Set(drawings.match(/hospital-\d+/g)).size).toBeLessThanOrEqual(39 + 40);
    expect(large.length).toBeLessThan(4_000_000);
  });
});

describe('writeReport', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'consilium-report-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('writes the page, all of its data and five CSV files, and nothing half done', async () => {
    const written = await writeReport(sampleReport(), join(directory, 'new'));
    expect((await readdir(join(directory, 'new'))).sort()).toEqual([
      ...['contributions.csv', 'report.html', 'report.json', 'rounds.csv', 'sites.csv', 'strategies.csv'],
      'subsets.csv',
    ]);
    expect(JSON.parse(await readFile(written.json, 'utf8'))).toEqual(reportForPrograms(sampleReport()));
    expect(await readFile(written.html, 'utf8')).toMatch(/^<!doctype html>/);
    expect(written.csv).toHaveLength(5);
  });

  it('leaves no partial file behind when it fails', async () => {
    const blocked = join(directory, 'blocked');
    await writeReport(sampleReport(), blocked);
    await rm(join(blocked, 'rounds.csv'));
    const { mkdir } = await import('node:fs/promises');
    await mkdir(join(blocked, 'rounds.csv', 'in-the-way'), { recursive: true });
    await expect(writeReport(sampleReport(), blocked)).rejects.toThrow();
    expect((await readdir(blocked)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
