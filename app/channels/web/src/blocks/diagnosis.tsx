import type { JSX } from "preact";
import type { Certainty, Diagnosis, Hypothesis, Side, Text } from "../contract";
import { Texts } from "../text";
import { visible } from "../visible";

const CERTAINTIES: Readonly<Record<Certainty, string>> = { known: "Known", likely: "Likely", possible: "Possible" };

const SIDES: Readonly<Record<Side, string>> = {
  customer: "with the customer",
  product: "in our product",
  external: "outside (a third party or the network)",
  undecided: "not yet decidable",
};
/** The same, where the customer reads it. */
const SIDES_TOLD: Readonly<Record<Side, string>> = { ...SIDES, customer: "in your setup", product: "on our side" };

export function DiagnosisBlock({ block }: { block: Diagnosis }): JSX.Element {
  const sides = block.audience === "customer" ? SIDES_TOLD : SIDES;
  return (
    <section class="diagnosis" aria-label="Diagnosis">
      <p class="lies">
        Where the fault lies: <strong>{sides[block.side]}</strong>
      </p>
      <Statements label="Known" texts={block.known} />
      <Statements label="Assumed, not proven" texts={block.assumed} />
      {block.hypotheses.length > 0 && (
        <ol class="causes">
          {block.hypotheses.map((cause) => (
            <Cause cause={cause} where={sides[cause.side]} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Statements({ label, texts }: { label: string; texts: readonly Text[] }): JSX.Element | null {
  if (texts.length === 0) return null;
  return (
    <>
      <h4>{label}</h4>
      <ul>
        {texts.map((text) => (
          <li>
            <Texts text={text} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** A possible cause. How sure it is stands there as a word; the line beside it only repeats that. */
function Cause({ cause, where }: { cause: Hypothesis; where: string }): JSX.Element {
  return (
    <li class={cause.certainty}>
      <p class="cause">
        <span class="certainty">{CERTAINTIES[cause.certainty]}</span> <Texts text={cause.title} />{" "}
        <span class="muted">({where})</span>
      </p>
      <dl>
        <Reasons label="For it" clues={cause.evidence} />
        <Reasons label="Against it" clues={cause.against} />
        <Reasons label="To settle it" clues={cause.settles.map((text) => ({ text, where: "" }))} />
      </dl>
    </li>
  );
}

function Reasons({ label, clues }: { label: string; clues: Hypothesis["evidence"] }): JSX.Element | null {
  if (clues.length === 0) return null;
  return (
    <div>
      <dt>{label}</dt>
      {clues.map(({ text, where }) => (
        <dd>
          <Texts text={text} />
          {where !== "" && <span class="place"> ({visible(where)})</span>}
        </dd>
      ))}
    </div>
  );
}
