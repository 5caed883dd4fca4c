// Subscribes with urql over a websocket.
import { Client, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { authorization, fail, query, socketUrl, tell, url, variables } from "./told.mjs";

const socket = createClient({
  url: socketUrl,
  webSocketImpl: WebSocket,
  connectionParams: authorization,
  retryAttempts: 0,
});
const exchange = subscriptionExchange({
  forwardSubscription: ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  }),
});
new Client({ url, exchanges: [exchange], preferGetMethod: false })
  .subscription(query, variables)
  .subscribe(({ data, error }) => (error ? fail(error.networkError ?? error) : tell({ data })));
