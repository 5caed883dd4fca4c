// Pages a connection of a running server to its end and back with urql; prints the ids in both directions as JSON.
import { Client, fetchExchange, gql } from "@urql/core";

const [url, size] = process.argv.slice(2);

const client = new Client({ url, exchanges: [fetchExchange], preferGetMethod: false });

const PAGE = gql`
  query Page($first: Int, $after: String, $last: Int, $before: String) {
    collaborations(
      first: $first
      after: $after
      last: $last
      before: $before
      orderBy: [{ field: PACKAGE_KIND }, { field: CREATED_ON, direction: DESC }]
    ) {
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        cursor
        node {
          __typename
          id
        }
      }
    }
  }
`;

async function ask(variables) {
  const { data, error } = await client.query(PAGE, variables).toPromise();
  if (error) throw error;
  return data.collaborations;
}

const ids = (page) => page.edges.map((edge) => edge.node.id);

async function forward() {
  const found = [];
  let page = await ask({ first: Number(size) });
  found.push(...ids(page));
  while (page.pageInfo.hasNextPage) {
    page = await ask({ first: Number(size), after: page.pageInfo.endCursor });
    found.push(...ids(page));
  }
  return found;
}

async function backward() {
  const found = [];
  let page = await ask({ last: Number(size) });
  found.unshift(...ids(page));
  while (page.pageInfo.hasPreviousPage) {
    page = await ask({ last: Number(size), before: page.pageInfo.startCursor });
    found.unshift(...ids(page));
  }
  return found;
}

const { totalCount } = await ask({ first: 0 });
console.log(JSON.stringify({ totalCount, forward: await forward(), backward: await backward() }));
