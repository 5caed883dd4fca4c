import { graphql } from "relay-runtime";

export const query = graphql`
  query CollaborationsQuery($filter: CollaborationFilter, $orderBy: [CollaborationOrder!]) {
    ...Collaborations_list @arguments(filter: $filter, orderBy: $orderBy)
    mapLayer(layer: PLEDGE, level: KECAMATAN, packageKind: SARPRAS) {
      regionName
      value
    }
  }
`;

export const list = graphql`
  fragment Collaborations_list on Query
  @refetchable(queryName: "CollaborationsPageQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
    filter: { type: "CollaborationFilter" }
    orderBy: { type: "[CollaborationOrder!]" }
  ) {
    collaborations(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy)
      @connection(key: "Collaborations_collaborations") {
      totalCount
      edges {
        node {
          id
          ...Collaborations_row
          ...Collaborations_pledges
        }
      }
    }
  }
`;

export const row = graphql`
  fragment Collaborations_row on Collaboration {
    number
    status
    packageKind
    pledgedValue
    region {
      name
      parent {
        name
      }
    }
  }
`;

export const pledges = graphql`
  fragment Collaborations_pledges on Collaboration
  @refetchable(queryName: "CollaborationsPledgesQuery")
  @argumentDefinitions(last: { type: "Int", defaultValue: 5 }, before: { type: "String" }) {
    pledges(last: $last, before: $before) @connection(key: "Collaborations_pledges") {
      edges {
        node {
          item
          quantity
          status
        }
      }
    }
  }
`;
