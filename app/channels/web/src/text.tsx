/** Text with figures. Everything is a text node, whoever wrote it: no markup, no links. */

import type { JSX } from "preact";
import { type Figures, useAnswer } from "./answer-context";
import type { Ref, Text } from "./contract";
import { visible } from "./visible";

/** What stands for a figure whose value has not come yet. */
const AWAITED = "…";

export function plain(text: Text, figures: Figures): string {
  return visible(
    text.map((span) => (typeof span === "string" ? span : (figures.find(span)?.shown ?? AWAITED))).join(""),
  );
}

/** What must not begin a line after a figure. */
const CLOSING = /^[.,;:!?)\]”’%]+/;

export function Texts({ text }: { text: Text }): JSX.Element {
  const parts = text.map((span, place) =>
    typeof span === "string" ? rest(text, place, span) : withClosing(text, place, span),
  );
  return <>{parts}</>;
}

/** A figure with the punctuation behind it, which a line break would part from a button. */
function withClosing(text: Text, place: number, figure: Ref): JSX.Element {
  const closing = closingOf(text[place + 1]);
  if (closing === "") return <FigureButton of={figure} />;
  return (
    <span class="unbroken">
      <FigureButton of={figure} />
      {closing}
    </span>
  );
}

/** A string without the punctuation that the figure before it took. */
function rest(text: Text, place: number, span: string): string {
  return visible(typeof text[place - 1] === "object" ? span.slice(closingOf(span).length) : span);
}

function closingOf(span: string | Ref | undefined): string {
  return typeof span === "string" ? (CLOSING.exec(span)?.[0] ?? "") : "";
}

export function FigureButton({ of }: { of: Ref }): JSX.Element {
  const { figures, showFigure } = useAnswer();
  const figure = figures.find(of);
  if (figure === undefined) return <span class="awaited">{AWAITED}</span>;
  return (
    <button
      type="button"
      class={figure.value === null ? "figure unknown" : "figure"}
      title={figure.label}
      onClick={(event) => showFigure(figure, event.currentTarget)}
    >
      {visible(figure.shown)}
    </button>
  );
}

/** A command that stands in an answer: a click puts it into the composer. */
export function CommandButton({ command }: { command: string }): JSX.Element {
  const { propose } = useAnswer();
  return (
    <button type="button" class="command" title="Put into the message" onClick={() => propose(command)}>
      {command}
    </button>
  );
}
