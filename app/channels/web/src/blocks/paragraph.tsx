import type { JSX } from "preact";
import type { Paragraph } from "../contract";
import { Texts } from "../text";

export function ParagraphBlock({ block }: { block: Paragraph }): JSX.Element {
  return (
    <p class="paragraph">
      <Texts text={block.text} />
    </p>
  );
}
