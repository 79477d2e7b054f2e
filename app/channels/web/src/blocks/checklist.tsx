import type { JSX } from "preact";
import type { Checklist } from "../contract";
import { Texts } from "../text";

export function ChecklistBlock({ block }: { block: Checklist }): JSX.Element {
  return (
    <ul class="checklist">
      {block.items.map((task) => (
        <li class={task.done ? "done" : ""}>
          <span class="box" role="img" aria-label={task.done ? "done" : "to do"} />
          <span class="task">
            <Texts text={task.text} />
          </span>
          <span class="whose">
            {task.owner}
            {task.due !== null && (
              <>
                , due <time dateTime={task.due}>{task.due}</time>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
