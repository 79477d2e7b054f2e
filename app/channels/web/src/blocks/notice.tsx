import type { JSX } from "preact";
import type { Text, Tone } from "../contract";
import { Texts } from "../text";

const LABELS: Readonly<Record<Tone, string>> = { good: "Good", neutral: "Note", warning: "Warning", bad: "Problem" };

export function NoticeBlock({ tone, text }: { tone: Tone; text: Text }): JSX.Element {
  return (
    <p class={`notice tone-${tone}`}>
      <strong>{LABELS[tone]}:</strong> <Texts text={text} />
    </p>
  );
}
