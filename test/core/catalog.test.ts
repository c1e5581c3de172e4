import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CATALOG, type ErrorSpec } from '../../shared/core/catalog.ts';

const PAGES = new URL('../../docs/errors/', import.meta.url);
const CODES = Object.keys(ERROR_CATALOG);
const PAGE_CODES = readdirSync(PAGES).map((name) => name.replace(/\.md$/, ''));

describe('ERROR_CATALOG', () => {
  it('has a page for every code', () => {
    const without = CODES.filter((code) => !PAGE_CODES.includes(code));
    expect(without, 'codes without docs/errors/CODE.md').toEqual([]);
  });

  it('has a code for every page', () => {
    const without = PAGE_CODES.filter((code) => !CODES.includes(code));
    expect(without, 'pages in docs/errors without a code').toEqual([]);
  });

  it.each(PAGE_CODES)('explains %s by symptom, cause, fix and prevention', (code) => {
    const page = readFileSync(new URL(`${code}.md`, PAGES), 'utf8');
    const headings = [...page.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]);
    expect(headings).toEqual([code, 'Symptom', 'Cause', 'Fix', 'Prevention']);
    for (const section of page.split(/^#+ .+$/m).slice(2)) expect(section.trim()).not.toBe('');
  });

  // A digit or a quotation mark in a public message would be the first sign of a value in it.
  it.each(Object.entries<ErrorSpec>(ERROR_CATALOG))('says %s in public without a value', (_code, spec) => {
    expect(spec.publicMessage).toMatch(/^[A-Z][A-Za-z ,;'-]+\.$/);
  });
});
