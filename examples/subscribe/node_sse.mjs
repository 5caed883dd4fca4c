// Follow the events of KSBB Terbuka as server-sent events with graphql-sse, and lose none (docs/subscribe.md).
//
//   npm install
//   TOKEN=... URL=http://127.0.0.1:8000/graphql CURSOR_FILE=cursor.txt node node_sse.mjs
//
// Prints one line of JSON per event. Stop it and start it again with the same cursor file: it goes on where it was.
// Without TOKEN it hears what the public may hear. COUNT: stop after so many events.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "graphql-sse";

const { TOKEN, URL = "http://127.0.0.1:8000/graphql", CURSOR_FILE = "cursor.txt", COUNT = "Infinity" } = process.env;

// Ask for as much of the subject as you need, like in a query: `subject { ... on Complaint { status category } }`.
const EVENTS = `subscription ($after: String) {
  events(after: $after) { id cursor type at left subjectId regionCode fetchInstead subject { __typename id } }
}`;
// Status codes after which it helps to come back; after any other a person has to look.
const TRY_LATER = [429, 500, 502, 503, 504];

let left = Number(COUNT);
let failures = 0;
let cursor = existsSync(CURSOR_FILE) ? readFileSync(CURSOR_FILE, "utf8").trim() : null;

// A function: called for each connection, so this is the place to get a new token before the old one ends.
const headers = () => (TOKEN ? { authorization: `Bearer ${TOKEN}` } : {});

const client = createClient({
  url: URL,
  headers,
  retryAttempts: 0, // the loop below comes back; Node ends a connection that is silent for five minutes by itself
});

while (left > 0) {
  try {
    cursor ??= await now();
    for await (const { data, errors } of client.iterate({ query: EVENTS, variables: { after: cursor } })) {
      if (errors) throw errors;
      await handle(data.events);
      store(data.events.cursor); // only now: who stores it first and is stopped in between has lost an event
      failures = 0;
      left -= 1;
      if (left === 0) break;
    }
  } catch (ended) {
    const words = Array.isArray(ended) ? ended[0].message : ended.message;
    if (isFinal(ended)) {
      console.error(words);
      process.exit(1);
    }
    console.error(`The stream ended: ${words}`);
  }
  if (left > 0) await sleep(Math.min(30, 2 ** failures++) * 1000 * (0.5 + Math.random() / 2));
}
client.dispose();

/**
 * The cursor of this moment, for the very first start: nothing from now on may be lost. A stream says it in its first
 * `id:`, which graphql-sse does not pass on.
 */
async function now() {
  const body = JSON.stringify({ query: "subscription { events { id } }" });
  const accepted = { accept: "text/event-stream", "content-type": "application/json" };
  const response = await fetch(URL, { method: "POST", headers: { ...headers(), ...accepted }, body });
  if (!response.ok) throw Object.assign(new Error(`${response.status} ${await response.text()}`), { response });
  let text = "";
  for await (const bytes of response.body) {
    text += Buffer.from(bytes).toString();
    const found = /^id: (\S+)\n/m.exec(text);
    if (found) {
      store(found[1]);
      return cursor;
    }
  }
  throw new Error("The stream ended before it began");
}

/**
 * What you do with an event: here it is printed. An event that was processed when the program was killed before its
 * cursor was stored comes again. Do something that may be repeated, or keep `event.id` (unique) in the same transaction
 * as your work, and drop what you have.
 */
async function handle(event) {
  console.log(JSON.stringify(event));
}

/** Keep the cursor: the old one or the new one, never half of it. */
function store(newest) {
  cursor = newest;
  writeFileSync(`${CURSOR_FILE}.new`, newest);
  renameSync(`${CURSOR_FILE}.new`, CURSOR_FILE);
}

/**
 * Errors of the subscription, or an answer that is no stream, or no network. Errors with a cursor end a stream that
 * was under way: it may be taken up again, but not without a token.
 */
function isFinal(ended) {
  if (!Array.isArray(ended)) return ended.response !== undefined && !TRY_LATER.includes(ended.response.status);
  const { code, cursor } = ended[0].extensions ?? {};
  return code === "TOKEN_ENDED" || (cursor === undefined && code !== "INTERNAL_SERVER_ERROR");
}
