import { describe, expect, it } from 'vitest';
import { color } from '../../../simulations/report/figures/theme.ts';
import { renderSvg } from '../../../simulations/report/figures/vega.ts';

/** A drawing with a clip path, to which vega gives a number that grows with every drawing. */
function specification(label: string): Record<string, unknown> {
  return {
    data: { values: [{ x: 1, label }] },
    mark: { type: 'point', clip: true, color: color('blue') },
    encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'label', type: 'nominal' } },
  };
}

describe('renderSvg', () => {
  it('gives ids of its own, the same each time', async () => {
    const first = await renderSvg('one', specification('a'));
    expect(await renderSvg('one', specification('a'))).toBe(first);
    expect(first).toContain('id="one-1"');
    expect(first).toContain('url(#one-1)');
    expect(await renderSvg('two', specification('a'))).not.toContain('one-');
  });

  it('turns colours into variables in tags, and leaves text as it is', async () => {
    const label = `fill="${color('blue')}" url(#x)`;
    const svg = await renderSvg('one', specification(label));
    expect(svg).toContain(`>fill="${color('blue')}" url(#x)</text>`);
    expect(svg).toContain(`"var(--blue,${color('blue')})"`);
    expect(svg).not.toMatch(/xmlns|font-family/);
  });
});
