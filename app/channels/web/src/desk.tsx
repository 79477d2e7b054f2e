/** The desk of who is signed in: threads, the conversation, the composer, and the panel behind the figures. */

import type { JSX } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { Figures } from "./answer-context";
import { NoticeBlock } from "./blocks/notice";
import { commandOf } from "./completion";
import { Composer } from "./composer";
import type { Answer, CommandInfo, Thread } from "./contract";
import type { Conversations, Options, SentFile } from "./conversations";
import { EmptyState } from "./empty-state";
import { EvidencePanel } from "./evidence/panel";
import { useEvidence } from "./evidence/use-evidence";
import { plain } from "./text";
import { ThemeButton } from "./theme";
import { Threads } from "./threads";
import { type Actions, TurnView } from "./turn-view";
import { useConversations } from "./use-conversations";
import { useThreads } from "./use-threads";

/** What the page knows of the service before anything is asked. */
export interface Service {
  readonly commands: readonly CommandInfo[];
  /** The name of an account that is there, for examples. */
  readonly account: string | null;
  /** Whether a language model is there to put answers into words. */
  readonly hasModel: boolean;
}

export function Desk({ service, onSignedOut }: { service: Service; onSignedOut: () => void }): JSX.Element {
  const list = useThreads();
  const conversations = useConversations(list.reload, onSignedOut);
  const evidence = useEvidence();
  const [text, setText] = useState("");
  const [options, setOptions] = useState<Options>({ as_of: null, narrate: false });
  const [focusCount, focus] = useReducer((count: number) => count + 1, 0);
  const [drawn, setDrawn] = useState(false);
  const { current } = conversations;
  const last = current.turns.at(-1);

  function send(message: string, files: readonly SentFile[] = []): void {
    conversations.send(message, options, files);
  }
  function propose(message: string): void {
    setText(message);
    focus(undefined);
  }
  function startNew(): void {
    history.pushState(null, "", location.pathname);
    conversations.startNew();
    setDrawn(false);
    focus(undefined);
  }
  useEffect(evidence.close, [current]);
  useEscape(() => {
    if (evidence.figures !== null) evidence.close();
    else setDrawn(false);
  });
  const ask = (message: string): void => send(message);
  const actions = { ...commandActions(service.commands), send: ask, propose, showFigure: evidence.show };

  return (
    <div class={classOf(evidence.figures !== null, drawn)}>
      <aside class="side" id="side" onClick={() => setDrawn(false)}>
        <h1 class="brand">cse-agent</h1>
        <button type="button" class="new" onClick={startNew}>
          New thread
        </button>
        <Threads threads={list.threads} hasMore={list.hasMore} current={current.threadId} onMore={list.more} />
      </aside>
      <header class="bar">
        <button type="button" class="quiet drawer" aria-expanded={drawn} aria-controls="side" onClick={() => setDrawn(!drawn)}>
          Threads
        </button>
        <p class="title">{titleOf(list.threads, current.threadId)}</p>
        <ThemeButton />
      </header>
      <main class="turns" onClick={() => setDrawn(false)}>
        <Turns conversations={conversations} actions={actions} />
        {current.turns.length === 0 && current.threadId === null && (
          <EmptyState commands={service.commands} account={service.account} onChoose={propose} />
        )}
      </main>
      <Composer
        text={text}
        setText={setText}
        options={options}
        setOptions={setOptions}
        commands={service.commands}
        hasModel={service.hasModel}
        running={last?.running === true}
        onSend={send}
        onStop={() => last && void conversations.stop(last)}
        focusCount={focusCount}
      />
      {evidence.figures !== null && <EvidencePanel {...evidence} figures={evidence.figures} />}
    </div>
  );
}

function Turns({ conversations, actions }: { conversations: Conversations; actions: Actions }): JSX.Element {
  const { current, problem } = conversations;
  return (
    <>
      {problem !== null && <NoticeBlock tone="bad" text={[problem.detail]} />}
      {current.turns.map((turn, place) => (
        <TurnView key={turn.key} turn={turn} actions={actions} isLast={place === current.turns.length - 1} />
      ))}
      <p class="hidden" role="status">
        {headlineOf(current.turns.at(-1)?.answer ?? null)}
      </p>
    </>
  );
}

/** Escape closes what is open, wherever the focus is; the composer keeps it to itself while its menu is open. */
function useEscape(close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === "Escape") latest.current();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

function commandActions(commands: readonly CommandInfo[]): Pick<Actions, "isCommand" | "takesAccount"> {
  return {
    isCommand: (text) => commandOf(text, commands) !== undefined,
    takesAccount: (name) => commandOf(`/${name}`, commands)?.arguments.properties?.["account"] !== undefined,
  };
}

function classOf(withEvidence: boolean, drawn: boolean): string {
  return `desk${withEvidence ? " with-evidence" : ""}${drawn ? " drawn" : ""}`;
}

/** What is read out when an answer has come. */
function headlineOf(answer: Answer | null): string {
  const verdict = answer?.blocks.find((block) => block.type === "verdict");
  return verdict === undefined ? "" : plain(verdict.headline, new Figures(answer?.figures ?? []));
}

function titleOf(threads: readonly Thread[], threadId: string | null): string {
  return threads.find((thread) => thread.id === threadId)?.title ?? "New thread";
}
