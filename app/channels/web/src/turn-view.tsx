/** One turn: the question, and its answer as it comes. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { type AnswerContext, Answering, Figures } from "./answer-context";
import { Blocks } from "./blocks/blocks";
import { NoticeBlock } from "./blocks/notice";
import type { Answer, Figure } from "./contract";
import type { Turn } from "./conversations";
import { CopyButton } from "./copy";
import { visible } from "./visible";

const NO_FIGURES: readonly Figure[] = [];

export type Actions = Pick<AnswerContext, "send" | "propose" | "isCommand"> & {
  readonly showFigure: (figure: Figure, figures: Figures, from: HTMLElement) => void;
  /** Whether a command can be asked about an account. */
  readonly takesAccount: (command: string) => boolean;
};

interface Props {
  readonly turn: Turn;
  readonly actions: Actions;
  /** Whether it is the one to look at: it was asked last. */
  readonly isLast: boolean;
}

export function TurnView({ turn, actions, isLast }: Props): JSX.Element {
  const whole = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isLast) whole.current?.scrollIntoView({ block: "start" });
  }, []);
  const { answer } = turn;
  const context = useAnswerContext(turn, actions);
  return (
    <article class="turn" ref={whole} aria-busy={turn.running}>
      <Asked turn={turn} />
      <Answering.Provider value={context}>
        <Problems turn={turn} onPutBack={() => actions.propose(turn.message)} />
        <Blocks blocks={answer?.blocks ?? turn.blocks} />
      </Answering.Provider>
      {turn.running && <Working status={turn.status} />}
      {answer !== null && <About answer={answer} />}
    </article>
  );
}

/** The message and its files; where there are only files, they are the message. */
function Asked({ turn: { message, files } }: { turn: Turn }): JSX.Element {
  const names = files.map(visible).join(", ");
  if (message.trim() === "") return <h2 class="asked">{names}</h2>;
  return (
    <>
      <h2 class="asked">{visible(message)}</h2>
      {files.length > 0 && <p class="asked-files">With {names}</p>}
    </>
  );
}

/** The day that the message itself asks about; what follows from its answer is about the same day. */
const DAY = /\bas_of=(\S+)/;

function useAnswerContext({ answer, message }: Turn, actions: Actions): AnswerContext {
  const day = DAY.exec(message)?.[0];
  const figures = useMemo(() => new Figures(answer?.figures ?? NO_FIGURES), [answer]);
  const command = answer?.command ?? null;
  return {
    ...actions,
    send: (next) => actions.send(day !== undefined && next.startsWith("/") && !DAY.test(next) ? `${next} ${day}` : next),
    figures,
    command: command !== null && actions.takesAccount(command) ? command : null,
    showFigure: (figure, from) => actions.showFigure(figure, figures, from),
  };
}

function Problems({ turn, onPutBack }: { turn: Turn; onPutBack: () => void }): JSX.Element {
  const { answer, problem } = turn;
  const wrong = problem ?? answer?.error ?? null;
  const degraded = answer === null || answer.degraded === null || answer.text.includes(answer.degraded) ? null : answer.degraded;
  return (
    <>
      {wrong !== null && <NoticeBlock tone={wrong.code === "stopped" ? "neutral" : "bad"} text={[wrong.detail]} />}
      {problem !== null && turn.id === null && (
        <button type="button" class="quiet" onClick={onPutBack}>
          Put the message back
        </button>
      )}
      {degraded !== null && <NoticeBlock tone="warning" text={[degraded]} />}
    </>
  );
}

function Working({ status }: { status: string }): JSX.Element {
  return (
    <p class="working" role="status">
      <span class="pulse" aria-hidden="true" /> {status === "" ? "Asking" : visible(status)}
    </p>
  );
}

/** What the answer is about and as of when, and what can be taken of it. */
function About({ answer }: { answer: Answer }): JSX.Element {
  const about = [
    answer.command === null ? null : `/${answer.command}`,
    answer.account_id,
    answer.as_of === null ? null : `as of ${answer.as_of}`,
  ];
  return (
    <footer class="about">
      <span>{about.filter((part) => part !== null).join(" · ")}</span>
      <span class="take">
        <CopyButton label="Copy as Markdown" text={() => answer.text} />
        <Exports turnId={answer.turn_id} />
      </span>
    </footer>
  );
}

const EXPORTS = { md: "Markdown", csv: "CSV", xlsx: "Excel", pptx: "PowerPoint", pdf: "PDF" };

/** The answer as a file to keep. */
function Exports({ turnId }: { turnId: string }): JSX.Element {
  const address = `/v1/turns/${encodeURIComponent(turnId)}/export`;
  return (
    <>
      {Object.entries(EXPORTS).map(([format, label]) => (
        <a href={`${address}?format=${format}`} aria-label={`Download as ${label}`} download>
          {label}
        </a>
      ))}
    </>
  );
}
