// Asks the same twice with Apollo's automatic persisted queries; prints what went over the wire and what came back.
import { createHash } from "node:crypto";
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client/core";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

const [uri, useGet] = process.argv.slice(2);
const sent = [];
const fetching = async (address, options) => {
  const answer = await fetch(address, options);
  const text = options.body ?? decodeURIComponent(new URL(address).search);
  sent.push({ method: options.method ?? "GET", hasText: /query Wilayah/.test(text), status: answer.status });
  return answer;
};
const link = new PersistedQueryLink({
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  useGETForHashedQueries: useGet === "get",
}).concat(new HttpLink({ uri, fetch: fetching }));
const client = new ApolloClient({ link, cache: new InMemoryCache() });
const query = gql`
  query Wilayah($n: Int) {
    regions(first: $n) {
      nodes {
        id
        name
      }
    }
  }
`;
const found = [];
for (const n of [1, 2]) {
  const { data } = await client.query({ query, variables: { n }, fetchPolicy: "no-cache" });
  found.push(data.regions.nodes.length);
}
console.log(JSON.stringify({ sent, found }));
