import type { ResultOf, VariablesOf } from "gql.tada";
import { graphql } from "./graphql.js";

export const ROW = graphql(`
  fragment CollaborationRow on Collaboration @_unmask {
    id
    number
    status
    packageKind
    createdOn
    pledgedValue
    region {
      name
      centre
      parent {
        name
      }
    }
  }
`);

export const COLLABORATIONS = graphql(
  `
    query Collaborations($first: Int!, $after: String, $filter: CollaborationFilter, $orderBy: [CollaborationOrder!]) {
      collaborations(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          cursor
          node {
            ...CollaborationRow
          }
        }
      }
    }
  `,
  [ROW],
);

export const GROUPS = graphql(`
  query Groups($within: RegionCode!) {
    collaborationGroups(by: [KOTA, STATUS, CREATED_ON_MONTH], filter: { regionCode: { within: $within } }) {
      keys {
        kotaCode
        status
        createdOnMonth
      }
      count
    }
    node(id: "region_31.73") {
      __typename
      ... on Region {
        code
        level
      }
    }
  }
`);

export const variables: VariablesOf<typeof COLLABORATIONS> = {
  first: 20,
  filter: { packageKind: { in: ["SARPRAS", "PELATIHAN"] }, createdOn: { gte: "2020-07-01" } },
  orderBy: [{ field: "PLEDGED_VALUE", direction: "DESC" }],
};

export const pledged = (page: ResultOf<typeof COLLABORATIONS>): (number | null)[] =>
  page.collaborations.edges.map((edge) => edge.node.pledgedValue);

export const months = (answer: ResultOf<typeof GROUPS>): (string | null)[] =>
  answer.collaborationGroups.map((group) => group.keys.createdOnMonth);

// @ts-expect-error  the schema has no such kind of help
export const wrong: VariablesOf<typeof COLLABORATIONS> = { first: 1, filter: { packageKind: { eq: "CASH" } } };
