import type { JSX } from "preact";
import { useAnswer } from "../answer-context";
import type { Question } from "../contract";
import { Texts } from "../text";
import { visible } from "../visible";

export function QuestionBlock({ block }: { block: Question }): JSX.Element {
  const { send } = useAnswer();
  return (
    <section class="question" aria-label="Question">
      <p>
        <Texts text={block.text} />
      </p>
      {block.choices.length > 0 && (
        <ul class="choices">
          {block.choices.map((choice) => (
            <li>
              <button type="button" onClick={() => send(choice)}>
                {visible(choice)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
