// Subscribes with urql over server-sent events.
import { Client, fetchExchange } from "@urql/core";
import { authorization, fail, query, tell, url, variables } from "./told.mjs";

const client = new Client({
  url,
  exchanges: [fetchExchange],
  fetchSubscriptions: true,
  fetchOptions: { headers: authorization },
  preferGetMethod: false,
});
client
  .subscription(query, variables)
  .subscribe(({ data, error }) => (error ? fail(error) : data && tell({ data })));
