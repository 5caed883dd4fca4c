// Subscribes with graphql-ws.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { authorization, fail, query, socketUrl, tell, variables } from "./told.mjs";

const client = createClient({
  url: socketUrl,
  webSocketImpl: WebSocket,
  connectionParams: authorization,
  retryAttempts: 0,
});
client.subscribe({ query, variables }, { next: tell, error: fail, complete: () => {} });
