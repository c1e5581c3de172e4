/** Printed where a figure is not defined. */
export const UNDEFINED_MARK = '–';

/** Fewer patients than this are printed as "<11". */
const MIN_CELL = 11;
export const SMALL_CELL_MARK = `<${MIN_CELL}`;

type Maybe = number | null | undefined;

/** Three decimals with a true minus sign; "–" where undefined. Numbers of 1,000 and more keep one decimal. */
export function decimal(value: Maybe): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNDEFINED_MARK;
  const text = Math.abs(value) >= 1000 ? grouped(Math.abs(value).toFixed(1)) : Math.abs(value).toFixed(3);
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** As {@link decimal}, with a plus sign too. */
export function signed(value: Maybe): string {
  const text = decimal(value);
  return typeof value === 'number' && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

export function interval(bounds: readonly [number, number] | null | undefined): string {
  return bounds ? `${decimal(bounds[0])} to ${decimal(bounds[1])}` : UNDEFINED_MARK;
}

/** A whole number with thousands separated by commas. */
export function count(value: Maybe): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNDEFINED_MARK;
  return grouped(String(Math.round(value)));
}

/** A count of patients, or of their files: 1 to 10 are not told apart. */
export function patients(value: Maybe): string {
  const cell = patientsCell(value);
  return typeof cell === 'string' ? cell : count(cell);
}

/** As {@link patients} for programs: the number itself, or "<11" as text for 1 to 10. */
export function patientsCell<T extends Maybe>(value: T): T | typeof SMALL_CELL_MARK {
  return typeof value === 'number' && value > 0 && value < MIN_CELL ? SMALL_CELL_MARK : value;
}

/** "1 site", "4 sites". */
export function plural(value: number, noun: string): string {
  const nouns = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count(value)} ${value === 1 ? noun : nouns}`;
}

export function percent(share: Maybe): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return UNDEFINED_MARK;
  return `${(100 * share).toFixed(1)} %`;
}

export function duration(seconds: number): string {
  if (!(seconds >= 59.95)) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Mean over the defined values; null when there are none. */
export function mean(values: readonly Maybe[]): number | null {
  const defined = values.filter(
    (value): value is number => typeof value === 'number' && Number.isFinite(value),
  );
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

/** Standard deviation of the sample (n - 1); null below two defined values. */
export function deviation(values: readonly Maybe[]): number | null {
  const defined = values.filter(
    (value): value is number => typeof value === 'number' && Number.isFinite(value),
  );
  const center = mean(defined);
  if (center === null || defined.length < 2) return null;
  const squares = defined.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return Math.sqrt(squares / (defined.length - 1));
}

function grouped(text: string): string {
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
