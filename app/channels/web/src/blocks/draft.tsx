import type { JSX } from "preact";
import { type Figures, useAnswer } from "../answer-context";
import type { Draft } from "../contract";
import { CopyButton } from "../copy";
import { Texts, plain } from "../text";

const AUDIENCES = { internal: "draft, internal", customer: "draft for the customer" };

export function DraftBlock({ block }: { block: Draft }): JSX.Element {
  const { figures } = useAnswer();
  return (
    <section class="draft" aria-label={plain(block.title, figures)}>
      <header>
        <h4>
          <Texts text={block.title} />
        </h4>
        <span class="muted">{AUDIENCES[block.audience]}</span>
        <CopyButton label="Copy" text={() => asText(block, figures)} />
      </header>
      <dl>
        {block.fields.map((field) => (
          <div>
            <dt>{field.label}</dt>
            <dd>
              {field.verbatim ? (
                <pre tabIndex={0}>{plain(field.text, figures)}</pre>
              ) : (
                <Texts text={field.text} />
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function asText(block: Draft, figures: Figures): string {
  const fields = block.fields.map((field) => {
    const text = plain(field.text, figures);
    return `${field.label}:${field.verbatim || text.includes("\n") ? "\n" : " "}${text}`;
  });
  return [plain(block.title, figures), "", ...fields].join("\n");
}
