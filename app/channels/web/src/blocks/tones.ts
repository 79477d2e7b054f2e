/** Words that say how good or bad something is, and the tone they are coloured in. The word always stands beside it. */

import type { Tone } from "../contract";

const TONES: Readonly<Record<string, Tone>> = {
  green: "good",
  yellow: "warning",
  red: "bad",
  low: "good",
  elevated: "warning",
  high: "bad",
  critical: "bad",
  triggered: "bad",
  clear: "good",
  unknown: "neutral",
  "not applicable": "neutral",
};

/** Columns of tables whose words say how good or bad something is. */
const TONED_COLUMNS: ReadonlySet<string> = new Set(["health", "tier", "churn", "churn level", "state"]);

export function isToned(column: string): boolean {
  return TONED_COLUMNS.has(column.toLowerCase());
}

/** The tone of a word such as "red" or "green, provisional"; null where it has none. */
export function toneOf(word: string): Tone | null {
  return TONES[word.toLowerCase().replace(/, provisional$/, "")] ?? null;
}
