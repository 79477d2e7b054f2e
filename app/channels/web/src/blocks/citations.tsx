import type { JSX } from "preact";
import type { Citation, Citations } from "../contract";
import { visible } from "../visible";

export function CitationsBlock({ block }: { block: Citations }): JSX.Element | null {
  if (block.items.length === 0) return null;
  return (
    <section class="citations" aria-label="Sources">
      <h4>Sources</h4>
      <ol>
        {block.items.map((citation) => (
          <li>
            <details>
              <summary>
                <span class="title">{visible(titleOf(citation))}</span>{" "}
                <span class="place">{visible(placeOf(citation))}</span>
              </summary>
              <blockquote>{visible(citation.text)}</blockquote>
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}

function titleOf(citation: Citation): string {
  return citation.heading === "" ? citation.title : `${citation.title} › ${citation.heading}`;
}

function placeOf({ document, lines: [first, last] }: Citation): string {
  return first === last ? `${document}, line ${first}` : `${document}, lines ${first}–${last}`;
}
