import { graphql } from "relay-runtime";

export const query = graphql`
  query LoansQuery($stage: LoanStage!) {
    ...Loans_list @arguments(stage: $stage)
    loanGroups(by: [KECAMATAN, STAGE]) {
      keys {
        kecamatanName
        stage
      }
      count
    }
  }
`;

export const list = graphql`
  fragment Loans_list on Query
  @refetchable(queryName: "LoansPageQuery")
  @argumentDefinitions(
    stage: { type: "LoanStage!" }
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
  ) {
    loans(first: $first, after: $after, filter: { stage: { eq: $stage } }) @connection(key: "Loans_loans") {
      edges {
        node {
          id
          stage
          principal
          recipient {
            id
            point
          }
        }
      }
    }
  }
`;
