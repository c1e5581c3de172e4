import type { TopLevelSpec } from 'vega-lite';
import { withoutControls } from '../html/markup.ts';
import { COLORS, FIGURE_CONFIG, FONT_SIZE } from './theme.ts';

/** A vega-lite specification without `$schema` and `config`, which {@link renderSvg} adds. */
export type Specification = Readonly<Record<string, unknown>>;

/**
 * Draws a specification without a browser. The SVG is to stand inside HTML: no namespace, no fonts of its own, ids
 * that start with `id`, colours as CSS variables with the light value as fallback. Equal specs give equal text.
 * The only door to vega, and loaded when the first figure is drawn.
 */
export async function renderSvg(id: string, specification: Specification): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  (vega as unknown as Measuring).textMetrics.width = ({ fontSize = FONT_SIZE }, text) =>
    textWidth(String(text), fontSize);
  const logger = vega.logger(vega.Error);
  const full = { padding: 4, ...specification, config: FIGURE_CONFIG } as unknown as TopLevelSpec;
  const view = new vega.View(vega.parse(vegaLite.compile(full, { logger }).spec), {
    renderer: 'none',
    logger,
  });
  try {
    return forPage(await view.toSVG(), id);
  } finally {
    view.finalize();
  }
}

/** Rewrites tags only, never text: what a study's names say cannot be mistaken for an attribute. */
function forPage(svg: string, id: string): string {
  const ids = new Map<string, string>();
  const renamed = (name: string): string => {
    const known = ids.get(name) ?? `${id}-${ids.size + 1}`;
    ids.set(name, known);
    return known;
  };
  return withoutControls(svg).replace(/<[^<>]+>/g, (tag) =>
    tag
      .replace(/ (?:xmlns(?::xlink)?|font-family|class|version)="[^"]*"/g, '')
      .replace(/ id="([^"]*)"/g, (_, name: string) => ` id="${renamed(name)}"`)
      .replace(/url\(#([^)"]*)\)/g, (_, name: string) => `url(#${renamed(name)})`)
      .replace(/ (fill|stroke|stop-color)="([^"]*)"/g, (_, attribute: string, value: string) => {
        return ` ${attribute}="${VARIABLES.get(value.toLowerCase()) ?? value}"`;
      }),
  );
}

/** What vega exports besides what it declares. */
interface Measuring {
  readonly textMetrics: { width: (item: { readonly fontSize?: number }, text: unknown) => number };
}

/**
 * Pixels that `text` takes in a Helvetica of `fontSize`. Without a canvas vega takes 0.8 em for each letter, half as
 * much again as is true, and leaves holes in legends and margins.
 */
function textWidth(text: string, fontSize: number): number {
  const ems = [...text].reduce(
    (sum, letter) => sum + (NARROW.test(letter) ? 0.3 : WIDE.test(letter) ? 0.74 : 0.56),
    0,
  );
  return Math.ceil(ems * fontSize * 1.04);
}

const NARROW = /[ijltfrI.,:;'|!()[\]\- ]/;
const WIDE = /[A-Zmw%+=<>]|[^\p{ASCII}]/u;

const VARIABLES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(COLORS).map(([name, { light }]) => [light, `var(--${name},${light})`] as const),
  ['black', 'currentColor'] as const,
  ['#000', 'currentColor'] as const,
]);
