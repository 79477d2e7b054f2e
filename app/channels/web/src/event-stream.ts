/** Server-sent events read from a response: `EventSource` can neither post nor tell a problem. */

export interface RawEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<RawEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return; // what is left in `waiting` was cut off
    waiting += decoder.decode(value, { stream: true });
    const parts = waiting.split(/\r?\n\r?\n/);
    waiting = parts.pop() ?? "";
    for (const part of parts) {
      const event = parse(part);
      if (event !== null) yield event;
    }
  }
}

/** One event; null for a comment, as servers send them to keep a connection open. */
function parse(part: string): RawEvent | null {
  const data: string[] = [];
  let event = "message";
  let id: string | null = null;
  for (const line of part.split(/\r?\n/)) {
    const [field, value] = split(line);
    if (field === "event") event = value;
    else if (field === "id") id = value;
    else if (field === "data") data.push(value);
  }
  return data.length === 0 ? null : { event, id, data: data.join("\n") };
}

function split(line: string): [string, string] {
  const colon = line.indexOf(":");
  return colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}
