/** Text that is safe to stand in HTML: only {@link html} and {@link trusted} make it. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | null | undefined | false | readonly Part[];

/**
 * HTML with every interpolated value escaped, except other markup; arrays are joined; null, undefined and false
 * print nothing. Attribute values must be quoted.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((text, piece, i) => text + render(parts[i - 1]) + piece));
}

/** Markup from text that we made ourselves, such as a rendered figure. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** `text` for element content and quoted attributes; control characters are shown as U+FFFD. */
export function escapeHtml(text: string): string {
  return withoutControls(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Replaces control characters (tab and line feed apart), lone surrogates and the marks that reorder text. */
export function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]|\p{Cs}/gu, '\uFFFD').replace(/[\u202A-\u202E\u2066-\u2069]/g, '\uFFFD');
}

function render(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (Array.isArray(part)) return part.map(render).join('');
  if (part === null || part === undefined || part === false) return '';
  return escapeHtml(String(part));
}
