// Webhooks: verify the signature of each delivery on the raw body, as Standard Webhooks says, then answer at once.
//
// EVENTS_WEBHOOK_SECRET=whsec_… HOST=… PORT=8080 node webhook.mjs    (Node.js 18 or newer, nothing to install)

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const TOLERANCE_SECONDS = 300;
const LARGEST_BODY = 1_000_000;

// `signatures` is the header as it came: one or more of `v1,BASE64`, with spaces between them.
export function isGenuine(secret, messageId, sentAt, signatures, body) {
  if (!messageId || !/^\d+$/.test(sentAt)) return false;
  if (Math.abs(Date.now() / 1000 - Number(sentAt)) > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${messageId}.${sentAt}.`).update(body).digest();
  return signatures.split(/\s+/).some((each) => {
    const [version, value = ""] = each.split(",");
    const given = Buffer.from(value, "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const server = createServer((request, answer) => {
  const chunks = []; // the bytes as they came: parse them only after they were verified
  let length = 0;
  request.on("data", (chunk) => {
    length += chunk.length;
    if (length <= LARGEST_BODY) chunks.push(chunk);
  });
  request.on("end", () => {
    const header = (name) => request.headers[`webhook-${name}`] ?? "";
    const body = Buffer.concat(chunks);
    const genuine =
      length <= LARGEST_BODY &&
      isGenuine(process.env.EVENTS_WEBHOOK_SECRET, header("id"), header("timestamp"), header("signature"), body);
    if (genuine) console.log("taken", header("id")); // store it under this id once; do the work later, from a queue
    answer.writeHead(genuine ? 204 : 401).end();
  });
});
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log("listening on", server.address().port));
