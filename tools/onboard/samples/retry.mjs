// Retries: back off on 429 and on 5xx, wait at least as long as Retry-After says, and give up after five attempts.
//
// EVENTS_API_URL=… EVENTS_API_KEY=… node retry.mjs    (Node.js 18 or newer, nothing to install)

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const API = process.env.EVENTS_API_URL; // the address of the API, of the sandbox first
const ATTEMPTS = 5;
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 60;

// Seconds that the server asks for: a number, or a date; 0 where it says nothing that can be read.
export function retryAfter(value) {
  if (!value) return 0;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(seconds, 0);
  const until = Date.parse(value);
  return Number.isNaN(until) ? 0 : Math.max((until - Date.now()) / 1000, 0);
}

// Full jitter below 1, 2, 4, … seconds; what the server asks for is the least, however long it is.
export function pauseBefore(attempt, asked) {
  return Math.max(asked, Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt));
}

export async function sendEvent(event) {
  const key = randomUUID(); // the same for every attempt: the event is taken once
  let problem = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    let asked = 0;
    let refused = null;
    try {
      const answer = await fetch(`${API}/api/v2/events`, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${process.env.EVENTS_API_KEY}`,
          "Content-Type": "application/json",
          "Idempotency-Key": key,
        },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.ok) return (await answer.json()).id;
      problem = `answered ${answer.status}`;
      asked = retryAfter(answer.headers.get("retry-after"));
      if (answer.status !== 429 && answer.status < 500) refused = new Error(problem);
    } catch (error) {
      problem = `failed (${error.message})`;
    }
    if (refused) throw refused; // 400, 401, 403, 404: the same call will fail again
    if (attempt + 1 < ATTEMPTS) {
      const pause = pauseBefore(attempt, asked);
      console.log(`${problem}, next attempt in ${pause.toFixed(1)} s`);
      await sleep(pause * 1000);
    }
  }
  throw new Error(`given up after ${ATTEMPTS} attempts: ${problem}; put the event back into your queue`);
}

const event = { type: "order.shipped", subject: "order-1042", data: { carrier: "post" } };
console.log("taken as", await sendEvent(event));
