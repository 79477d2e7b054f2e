/** The axis of a chart: round numbers around all values, as `app/render/charts.py` has them for documents. */

const STEPS = 5;
/** A difference that nobody sees. */
const NOISE = 1e-9;
const NICE = [1, 2, 2.5, 5, 10];
const MEASURED: ReadonlySet<string> = new Set(["%", "ratio", "points"]);
const CURRENCY = /^[A-Z]{3}$/;
const NUMBERS = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** It begins at nought, but for lines of a share or a score high above it. */
export function scaleOf(values: readonly number[], form: "line" | "bar", unit: string): Scale {
  let low = values.length === 0 ? 0 : Math.min(...values);
  let high = values.length === 0 ? 1 : Math.max(...values);
  if (form === "bar" || !MEASURED.has(unit) || low < high / 2) {
    low = Math.min(low, 0);
    high = Math.max(high, 0);
  }
  if (high - low < NOISE) {
    [low, high] = Math.abs(low) < NOISE ? [0, 1] : [low - Math.abs(low) / 10, high + Math.abs(high) / 10];
  }
  const nice = niceStep((high - low) / STEPS);
  const step = nice < 1 && values.every(Number.isInteger) ? 1 : nice;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  const ticks = Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
  return { low: first * step, high: last * step, ticks };
}

function niceStep(step: number): number {
  const size = 10 ** Math.floor(Math.log10(step));
  return (NICE.find((nice) => nice * size >= step * (1 - 1e-9)) ?? 10) * size;
}

/** A number of the axis: `500`, `64%`, `USD 500,000`. */
export function written(value: number, unit: string): string {
  const told = NUMBERS.format(value);
  if (CURRENCY.test(unit)) return `${unit} ${told}`;
  return unit === "%" ? `${told}%` : told;
}
