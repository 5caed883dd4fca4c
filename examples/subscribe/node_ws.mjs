// Follow the events of KSBB Terbuka over a websocket with graphql-ws, and lose none (docs/subscribe.md).
//
//   npm install
//   TOKEN=... URL=ws://127.0.0.1:8000/graphql CURSOR_FILE=cursor.txt node node_ws.mjs
//
// Prints one line of JSON per event. Stop it and start it again with the same cursor file: it goes on where it was.
// Without TOKEN it hears what the public may hear. COUNT: stop after so many events.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "graphql-ws";
import WebSocket from "ws"; // Node 22 and browsers have one of their own

const { TOKEN, URL = "ws://127.0.0.1:8000/graphql", CURSOR_FILE = "cursor.txt", COUNT = "Infinity" } = process.env;

// Ask for as much of the subject as you need, like in a query: `subject { ... on Complaint { status category } }`.
const EVENTS = `subscription ($after: String) {
  events(after: $after) { id cursor type at left subjectId regionCode fetchInstead subject { __typename id } }
}`;
// After these closing codes nothing gets better by coming back. 4403: get another token first.
const FINAL = [4400, 4401, 4403, 4406, 4409, 4429];
// The server pings after 25 s of silence: who hears nothing for a minute has lost the connection.
const SILENCE_MS = 60_000;

let left = Number(COUNT);
let failures = 0;
let silence;
let cursor = existsSync(CURSOR_FILE) ? readFileSync(CURSOR_FILE, "utf8").trim() : null;

const client = createClient({
  url: URL,
  webSocketImpl: WebSocket,
  // A function: called for each connection, so this is the place to get a new token before the old one ends.
  connectionParams: () => (TOKEN ? { Authorization: `Bearer ${TOKEN}` } : {}),
  retryAttempts: 0, // it would send the first cursor again: the loop below comes back with the newest
  on: {
    connected: (_socket, acknowledged) => {
      if (cursor === null) store(acknowledged.cursor); // the very first start: nothing from now on may be lost
    },
    message: () => {
      clearTimeout(silence);
      silence = setTimeout(() => client.terminate(), SILENCE_MS);
    },
    closed: () => clearTimeout(silence),
  },
});

while (left > 0) {
  try {
    // `after` is asked for when the message is sent, which is after `connected`.
    const variables = { get after() { return cursor; } };
    for await (const { data, errors } of client.iterate({ query: EVENTS, variables })) {
      if (errors) throw errors;
      await handle(data.events);
      store(data.events.cursor); // only now: who stores it first and is stopped in between has lost an event
      failures = 0;
      left -= 1;
      if (left === 0) break;
    }
  } catch (ended) {
    if (isFinal(ended)) {
      console.error(wordsOf(ended));
      process.exit(1);
    }
    console.error(`The connection ended: ${wordsOf(ended)}`);
  }
  if (left > 0) await sleep(Math.min(30, 2 ** failures++) * 1000 * (0.5 + Math.random() / 2));
}
await client.dispose();

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
 * graphql-ws gives the errors of the operation, or how the socket closed, or that there is no network. Errors with a
 * cursor end a stream that was under way: it may be taken up again, but not without a token.
 */
function isFinal(ended) {
  if (!Array.isArray(ended)) return FINAL.includes(ended.code);
  const { code, cursor } = ended[0].extensions ?? {};
  return code === "TOKEN_ENDED" || (cursor === undefined && code !== "INTERNAL_SERVER_ERROR");
}

function wordsOf(ended) {
  return Array.isArray(ended) ? ended[0].message : `${ended.code ?? ""} ${ended.reason ?? ended.message}`.trim();
}
