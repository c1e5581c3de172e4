/**
 * Every colour of the figures. Specs use the light value; in the SVG each becomes `var(--name, light)`, and the page
 * sets the variable for light, dark and print. Series colours follow Okabe & Ito's palette, darkened to a contrast
 * of at least 3:1 on white; in dark mode they are lightened likewise.
 */
export const COLORS = {
  ink: { light: '#1c2126', dark: '#e8eaec' },
  soft: { light: '#59626b', dark: '#a9b1b9' },
  rule: { light: '#a7aeb5', dark: '#666f78' },
  grid: { light: '#e4e7ea', dark: '#30363d' },
  paper: { light: '#fefefe', dark: '#14171a' },
  blue: { light: '#0069a8', dark: '#62b5ee' },
  orange: { light: '#c8500a', dark: '#ff9655' },
  green: { light: '#00805c', dark: '#3fcfa2' },
  purple: { light: '#a6478b', dark: '#e59fd0' },
  gold: { light: '#946200', dark: '#f0bf45' },
  sky: { light: '#2f86b5', dark: '#9bd7f7' },
} as const;

export type ColorName = keyof typeof COLORS;

/** The light value, for a spec. */
export function color(name: ColorName): string {
  return COLORS[name].light;
}

/** Series are told apart by colour and also by shape and dash. */
export const SERIES_COLORS: readonly string[] = [
  color('blue'),
  color('orange'),
  color('green'),
  color('purple'),
  color('gold'),
  color('sky'),
];
export const SERIES_SHAPES: readonly string[] = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'cross',
  'triangle-down',
];
const SERIES_DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3]];

/**
 * One line layer per series, without a legend: a dash that were encoded would break the outlines of the legend's marks.
 * @param select the points of the i-th series.
 */
export function lineLayers(series: readonly string[], select: (i: number) => readonly object[]): object[] {
  return series.map((_, i) => ({
    data: { values: select(i) },
    mark: {
      type: 'line',
      color: SERIES_COLORS[i % SERIES_COLORS.length],
      strokeDash: SERIES_DASHES[i % SERIES_DASHES.length],
    },
  }));
}

/** Text of figures, in pixels. */
export const FONT_SIZE = 12;

/** Sites, subsets or strategies drawn at most; the tables keep all of them. */
export const MAX_ROWS = 40;

/** Vega cuts labels as if each letter took 0.8 em: a limit of 260 keeps 27 letters, some 170 pixels. */
const TEXT = {
  labelFontSize: FONT_SIZE,
  titleFontSize: FONT_SIZE,
  titleFontWeight: 600,
  labelLimit: 260,
} as const;

/** Vega-lite's config for all figures: quiet axes, no boxes, no title (the page writes captions). */
export const FIGURE_CONFIG = {
  background: 'transparent',
  aria: false,
  view: { stroke: null },
  axis: {
    ...TEXT,
    labelColor: color('soft'),
    titleColor: color('ink'),
    gridColor: color('grid'),
    domainColor: color('rule'),
    tickColor: color('rule'),
    titlePadding: 8,
  },
  legend: {
    ...TEXT,
    labelColor: color('ink'),
    titleColor: color('ink'),
    symbolStrokeWidth: 1.6,
    symbolSize: 80,
    orient: 'top',
    offset: 8,
    columnPadding: 18,
  },
  header: { ...TEXT, labelColor: color('ink'), titleColor: color('ink') },
  title: {
    color: color('ink'),
    fontSize: FONT_SIZE,
    fontWeight: 600,
    anchor: 'start',
    frame: 'group',
    offset: 10,
  },
  text: { color: color('ink'), fontSize: FONT_SIZE },
  rule: { color: color('rule') },
  line: { strokeWidth: 1.8 },
  point: { filled: true, size: 60, opacity: 1 },
  concat: { spacing: 32 },
} as const;
