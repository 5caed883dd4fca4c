import type { ResultOf, VariablesOf } from "@graphql-typed-document-node/core";
import { graphql } from "./gql/index.js";

export const ROW = graphql(`
  fragment CollaborationRow on Collaboration {
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

export const COLLABORATIONS = graphql(`
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
          pledges(last: 3) {
            nodes {
              item
              quantity
              status
            }
          }
        }
      }
    }
  }
`);

export const ONE = graphql(`
  query One($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Collaboration {
        ...CollaborationRow
      }
      ... on Region {
        code
        level
      }
    }
  }
`);

export const GROUPS = graphql(`
  query Groups($within: RegionCode!) {
    collaborationGroups(by: [KOTA, STATUS, CREATED_ON_MONTH], filter: { regionCode: { within: $within } }) {
      keys {
        kotaCode
        kotaName
        status
        createdOnMonth
      }
      count
    }
    mapLayer(layer: PLEDGE, level: KECAMATAN, packageKind: SARPRAS) {
      regionName
      value
    }
  }
`);

type Page = ResultOf<typeof COLLABORATIONS>;

export const variables: VariablesOf<typeof COLLABORATIONS> = {
  first: 20,
  filter: { packageKind: { in: ["SARPRAS", "PELATIHAN"] }, createdOn: { gte: "2020-07-01" } },
  orderBy: [{ field: "PLEDGED_VALUE", direction: "DESC" }],
};

export const cursors = (page: Page): string[] => page.collaborations.edges.map((edge) => edge.cursor);

// @ts-expect-error  the schema has no such kind of help
export const wrong: VariablesOf<typeof COLLABORATIONS> = { first: 1, filter: { packageKind: { eq: "CASH" } } };
