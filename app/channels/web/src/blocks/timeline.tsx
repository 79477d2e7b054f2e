import type { JSX } from "preact";
import type { Timeline, Tone } from "../contract";
import { Texts } from "../text";

/** Said to who cannot see the colour. */
const SAID: Readonly<Record<Tone, string>> = { good: "good: ", neutral: "", warning: "warning: ", bad: "bad: " };

export function TimelineBlock({ block }: { block: Timeline }): JSX.Element {
  return (
    <ol class="timeline">
      {block.items.map((event) => (
        <li class={`tone-${event.tone}`}>
          <time dateTime={event.on}>{event.on}</time>
          <span class="event">
            <span class="hidden">{SAID[event.tone]}</span>
            <Texts text={event.text} />
          </span>
        </li>
      ))}
    </ol>
  );
}
