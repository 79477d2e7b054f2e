// First call: send one event and print the id under which it was taken.
//
// EVENTS_API_URL=… EVENTS_API_KEY=… node first_call.mjs    (Node.js 18 or newer, nothing to install)

import { randomUUID } from "node:crypto";

const API = process.env.EVENTS_API_URL; // the address of the API, of the sandbox first

export async function sendEvent(event) {
  const answer = await fetch(`${API}/api/v2/events`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${process.env.EVENTS_API_KEY}`,
      "Content-Type": "application/json",
      "Idempotency-Key": randomUUID(),
    },
    body: JSON.stringify(event),
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()).id;
}

const event = { type: "order.shipped", subject: "order-1042", data: { carrier: "post" } };
console.log("taken as", await sendEvent(event));
