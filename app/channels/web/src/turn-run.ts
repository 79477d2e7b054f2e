/** One turn, from the message to its last event, over connections that may drop. */

import type { ChatRequest, TurnEvent } from "./contract";
import { readEvents } from "./event-stream";
import { Problem, call, post } from "./service";

const ACCEPT = { Accept: "text/event-stream" };
const MAX_RESUMES = 5;
const KNOWN_EVENTS: ReadonlySet<string> = new Set(["status", "block", "error", "done"]);

type OnEvent = (event: TurnEvent) => void;

/** Ask, and tell every event until the turn has ended. */
export async function ask(request: ChatRequest, onEvent: OnEvent): Promise<void> {
  await new TurnReader(null, onEvent).read(await post("/v1/chat", request, ACCEPT));
}

/** Read on in a turn that was begun elsewhere, or before this page was loaded. */
export async function follow(turnId: string, onEvent: OnEvent): Promise<void> {
  const reader = new TurnReader(turnId, onEvent);
  await reader.read(await reader.resume());
}

export async function stop(turnId: string): Promise<void> {
  await post(`/v1/turns/${encodeURIComponent(turnId)}/stop`, {});
}

class TurnReader {
  private lastId = "0";

  constructor(
    private turnId: string | null,
    private readonly onEvent: OnEvent,
  ) {}

  async read(response: Response): Promise<void> {
    if (await this.readToEnd(response)) return;
    for (let tries = 0; this.turnId !== null && tries < MAX_RESUMES; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
      const again = await this.resume().catch(nullWhereUnreachable);
      if (again !== null && (await this.readToEnd(again))) return;
    }
    throw new Problem(0, "connection_lost", "The connection was lost before the answer came. Ask again.");
  }

  resume(): Promise<Response> {
    return call(`/v1/turns/${encodeURIComponent(this.turnId ?? "")}/events`, {
      headers: { ...ACCEPT, "Last-Event-ID": this.lastId },
    });
  }

  /** Whether the turn's last event was read; false where the connection dropped before. */
  private async readToEnd(response: Response): Promise<boolean> {
    if (response.body === null) return false;
    try {
      for await (const raw of readEvents(response.body)) {
        if (raw.id !== null) this.lastId = raw.id;
        if (!KNOWN_EVENTS.has(raw.event)) continue;
        const event = { event: raw.event, data: JSON.parse(raw.data) } as TurnEvent;
        if (event.event === "status") this.turnId = event.data.turn_id;
        this.onEvent(event);
        if (event.event === "done" || event.event === "error") return true;
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // reading a broken connection throws a TypeError
    }
    return false;
  }
}

function nullWhereUnreachable(error: unknown): null {
  if (error instanceof Problem && error.code === "unreachable") return null;
  throw error;
}
