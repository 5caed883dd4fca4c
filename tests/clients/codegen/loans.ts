import type { ResultOf } from "@graphql-typed-document-node/core";
import { graphql } from "./gql/index.js";

export const LOANS = graphql(`
  query Loans($last: Int!, $before: String, $stage: LoanStage!) {
    loans(last: $last, before: $before, filter: { stage: { eq: $stage } }, orderBy: { field: PRINCIPAL }) {
      pageInfo {
        hasPreviousPage
        startCursor
      }
      nodes {
        id
        stage
        principal
        fintech {
          name
        }
        recipient {
          id
          point
        }
      }
    }
    loanGroups(by: [KECAMATAN, STAGE]) {
      keys {
        kecamatanName
        stage
      }
      count
    }
  }
`);

export const principals = (answer: ResultOf<typeof LOANS>): (number | null)[] =>
  answer.loans.nodes.map((loan) => loan.principal ?? null);
