/** The conversation on the page, and those whose answers are still under way elsewhere. */

import type { Answer, Block, ChatRequest, ProblemDetail, StoredTurn, ThreadWithTurns, TurnEvent } from "./contract";
import { get, problemOf } from "./service";
import { ask, follow, stop } from "./turn-run";

export interface Turn {
  readonly key: string;
  readonly message: string;
  /** Names of the files that went with it. */
  readonly files: readonly string[];
  id: string | null;
  running: boolean;
  /** What the agent says it is doing. */
  status: string;
  /** The blocks that came before the answer as a whole. */
  readonly blocks: Block[];
  answer: Answer | null;
  problem: ProblemDetail | null;
}

export interface Conversation {
  threadId: string | null;
  readonly turns: Turn[];
  /** Its earlier turns, on their way; what is sent meanwhile comes behind them. */
  loading: Promise<void> | null;
}

/** A file that is sent with a message. */
export interface SentFile {
  readonly id: string;
  readonly name: string;
}

export type Options = Pick<ChatRequest, "as_of" | "narrate">;

interface Listener {
  /** Something that is shown has changed. */
  readonly onChange: () => void;
  /** A turn has begun or ended: the list of threads is another one. */
  readonly onThreads: () => void;
  readonly onSignedOut: () => void;
}

export class Conversations {
  current: Conversation = fresh();
  /** What is wrong with the thread that was to be opened. */
  problem: ProblemDetail | null = null;
  private readonly running = new Set<Conversation>();
  private lastKey = 0;

  constructor(private readonly listener: Listener) {}

  startNew(): void {
    this.show(fresh());
  }

  async open(threadId: string): Promise<void> {
    if (this.current.threadId === threadId) return;
    const kept = [...this.running].find((conversation) => conversation.threadId === threadId);
    const opened: Conversation = kept ?? { threadId, turns: [], loading: null };
    this.show(opened);
    if (kept !== undefined) return;
    opened.loading = this.load(opened, threadId);
    await opened.loading;
    opened.loading = null;
  }

  private async load(opened: Conversation, threadId: string): Promise<void> {
    try {
      const thread = await get<ThreadWithTurns>(`/v1/threads/${encodeURIComponent(threadId)}`);
      opened.turns.push(...thread.turns.map((turn) => this.stored(turn)));
      const last = opened.turns.at(-1);
      if (last?.running === true) void this.run(opened, last, (onEvent) => follow(last.key, onEvent));
    } catch (error) {
      this.told(error);
      if (this.current === opened) this.show(fresh(), problemOf(error));
    }
    this.listener.onChange();
  }

  send(message: string, options: Options, files: readonly SentFile[] = []): void {
    void this.begin(this.current, message, options, files);
  }

  private async begin(
    conversation: Conversation,
    message: string,
    options: Options,
    files: readonly SentFile[],
  ): Promise<void> {
    await conversation.loading;
    if (conversation.turns.at(-1)?.running === true) return;
    const turn = this.newTurn(message, files);
    conversation.turns.push(turn);
    const attached = files.length === 0 ? {} : { attachments: files.map((file) => file.id) };
    const request = { message, thread_id: conversation.threadId, ...options, ...attached };
    await this.run(conversation, turn, (onEvent) => ask(request, onEvent));
  }

  async stop(turn: Turn): Promise<void> {
    if (turn.id === null) return;
    turn.status = "Stopping";
    this.listener.onChange();
    await stop(turn.id).catch((error: unknown) => this.told(error));
  }

  private show(conversation: Conversation, problem: ProblemDetail | null = null): void {
    this.current = conversation;
    this.problem = problem;
    this.listener.onChange();
  }

  private async run(
    conversation: Conversation,
    turn: Turn,
    read: (onEvent: (event: TurnEvent) => void) => Promise<void>,
  ): Promise<void> {
    this.running.add(conversation);
    this.listener.onChange();
    try {
      await read((event) => this.take(conversation, turn, event));
    } catch (error) {
      this.told(error);
      turn.problem = problemOf(error);
    }
    turn.running = false;
    this.running.delete(conversation);
    this.listener.onChange();
    this.listener.onThreads();
  }

  private take(conversation: Conversation, turn: Turn, event: TurnEvent): void {
    switch (event.event) {
      case "status":
        turn.id = event.data.turn_id;
        turn.status = event.data.text;
        if (conversation.threadId === null) {
          conversation.threadId = event.data.thread_id;
          this.listener.onThreads();
        }
        break;
      case "block":
        turn.blocks.push(event.data);
        break;
      case "error":
        turn.problem = event.data;
        break;
      case "done":
        turn.id = event.data.turn_id;
        turn.answer = event.data;
        conversation.threadId = event.data.thread_id ?? conversation.threadId;
        break;
    }
    this.listener.onChange();
  }

  private newTurn(message: string, files: readonly SentFile[]): Turn {
    this.lastKey += 1;
    return {
      key: `new-${this.lastKey}`,
      message,
      files: files.map((file) => file.name),
      id: null,
      running: true,
      status: "",
      blocks: [],
      answer: null,
      problem: null,
    };
  }

  private stored({ id, message, attachments, status, answer, problem }: StoredTurn): Turn {
    const files = attachments.map((file) => file.name);
    return { key: id, message, files, id, running: status === "running", status: "", blocks: [], answer, problem };
  }

  private told(error: unknown): void {
    if (problemOf(error).status === 401) this.listener.onSignedOut();
  }
}

function fresh(): Conversation {
  return { threadId: null, turns: [], loading: null };
}
