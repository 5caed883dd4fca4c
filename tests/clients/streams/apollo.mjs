// Subscribes with Apollo Client over a websocket.
import { ApolloClient, InMemoryCache, gql } from "@apollo/client/core";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { authorization, fail, query, socketUrl, tell, variables } from "./told.mjs";

globalThis.WebSocket ??= WebSocket; // the link looks at the browser's own

const link = new GraphQLWsLink(
  createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: authorization, retryAttempts: 0 }),
);
const client = new ApolloClient({ link, cache: new InMemoryCache() });
client
  .subscribe({ query: gql(query), variables })
  .subscribe({ next: ({ data, error }) => (error ? fail(error.cause ?? error) : tell({ data })), error: fail });
