import type { JSX } from "preact";
import { useAnswer } from "../answer-context";
import type { Text, Verdict } from "../contract";
import { CommandButton, Texts, plain } from "../text";

const NEXT = "Next: ";

export function VerdictBlock({ block }: { block: Verdict }): JSX.Element {
  return (
    <div class={`verdict tone-${block.tone}`}>
      <p class="headline">
        <Texts text={block.headline} />
      </p>
      {block.lines.length > 0 && (
        <ul>
          {block.lines.map((line) => (
            <Line text={line} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** One line; what to do next stands out, and can be done where it is a command. */
function Line({ text }: { text: Text }): JSX.Element {
  const { figures, isCommand } = useAnswer();
  const whole = plain(text, figures);
  if (!whole.startsWith(NEXT)) {
    return (
      <li>
        <Texts text={text} />
      </li>
    );
  }
  const next = whole.slice(NEXT.length);
  return (
    <li class="next">
      <strong>{NEXT}</strong>
      {isCommand(next) ? <CommandButton command={next} /> : <Texts text={withoutStart(text, NEXT.length)} />}
    </li>
  );
}

/** `text` without its first `length` characters, which stand in its first string. */
function withoutStart(text: Text, length: number): Text {
  const [first, ...others] = text;
  return typeof first === "string" && first.length >= length ? [first.slice(length), ...others] : text;
}
