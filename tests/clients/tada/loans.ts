import type { ResultOf } from "gql.tada";
import { graphql } from "./graphql.js";

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
  }
`);

export const principals = (answer: ResultOf<typeof LOANS>): (number | null)[] =>
  answer.loans.nodes.map((loan) => loan.principal);
