// Subscribes with graphql-sse, in distinct connections mode.
import { createClient } from "graphql-sse";
import { authorization, fail, query, tell, url, variables } from "./told.mjs";

const client = createClient({ url, headers: authorization, retryAttempts: 0 });
client.subscribe({ query, variables }, { next: tell, error: fail, complete: () => {} });
