/** The panel that shows what a figure says: its value, formula, and the records it came from. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Figures } from "../answer-context";
import type { Evidence, Figure } from "../contract";
import { visible } from "../visible";
import { RecordGroup } from "./record-group";
import { FIGURES, groupsOf } from "./records";
import type { EvidenceState } from "./use-evidence";

type Props = Pick<EvidenceState, "trail" | "follow" | "back" | "close"> & { readonly figures: Figures };

export function EvidencePanel({ trail, figures, follow, back, close }: Props): JSX.Element | null {
  const figure = trail.at(-1);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), [figure]);
  if (figure === undefined) return null;
  const before = trail.at(-2);
  return (
    <aside class="evidence" aria-labelledby="evidence-title">
      <header>
        <h2 id="evidence-title" tabIndex={-1} ref={title}>
          {figure.label}
        </h2>
        <button type="button" class="quiet icon" aria-label="Close" onClick={close}>
          ×
        </button>
      </header>
      <div class="inside">
        {before !== undefined && (
          <button type="button" class="quiet back" onClick={back}>
            ← {before.label}
          </button>
        )}
        <p class="value">
          {visible(figure.shown)} {unitOf(figure) !== "" && <small>{unitOf(figure)}</small>}
        </p>
        <p class="muted">
          {figure.account_id !== null && `${figure.account_id} · `}as of {figure.as_of}
        </p>
        <h3>Formula</h3>
        <p class="formula">{visible(figure.formula)}</p>
        <Sources figure={figure} figures={figures} follow={follow} />
        <p class="key">
          Key <code>{figure.key}</code>
        </p>
      </div>
    </aside>
  );
}

type SourcesProps = Pick<Props, "figures" | "follow"> & { readonly figure: Figure };

function Sources({ figure, figures, follow }: SourcesProps): JSX.Element {
  const used = figure.evidence.filter((evidence) => evidence.kind === FIGURES);
  const groups = groupsOf(figure);
  return (
    <>
      {used.length > 0 && (
        <>
          <h3>Computed from</h3>
          <ul class="used">
            {used.map((evidence) => (
              <UsedFigure evidence={evidence} of={figure} figures={figures} follow={follow} />
            ))}
          </ul>
        </>
      )}
      {groups.length > 0 && <h3>Records</h3>}
      {groups.map((group) => (
        <RecordGroup key={`${figure.key} ${figure.account_id} ${group.kind}`} figure={figure} group={group} />
      ))}
      {used.length + groups.length === 0 && <p class="muted">No records: the formula says all there is.</p>}
    </>
  );
}

interface UsedProps extends Pick<Props, "figures" | "follow"> {
  readonly evidence: Evidence;
  readonly of: Figure;
}

/** A figure that went into another one. Not every answer holds all of them. */
function UsedFigure({ evidence, of, figures, follow }: UsedProps): JSX.Element {
  const key = evidence.id ?? "";
  const used = figures.find({ figure: key, account_id: of.account_id });
  if (used === undefined) {
    return (
      <li>
        <code>{key}</code>
      </li>
    );
  }
  return (
    <li>
      <button type="button" onClick={() => follow(used)}>
        <span>{used.label}</span>
        <span class="number">{visible(used.shown)}</span>
      </button>
    </li>
  );
}

/** Percentages and money carry their unit in the value; dates and words have none. */
function unitOf(figure: Figure): string {
  const carried = figure.value === null || ["%", "date", "text", "count"].includes(figure.unit);
  return carried || /^[A-Z]{3}$/.test(figure.unit) ? "" : figure.unit;
}
