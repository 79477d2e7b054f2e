import type { JSX } from "preact";
import type { Metrics } from "../contract";
import { Texts } from "../text";

export function MetricsBlock({ block }: { block: Metrics }): JSX.Element {
  return (
    <dl class="metrics">
      {block.items.map((item) => (
        <div>
          <dt>{item.label}</dt>
          <dd>
            <Texts text={item.value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
