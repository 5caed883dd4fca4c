WITH answer$22 AS MATERIALIZED (
  SELECT (
    SELECT row_to_json(data$21) AS row_to_json_1
    FROM (
      SELECT (
        SELECT row_to_json(connection$20) AS row_to_json_2
        FROM (
          SELECT (
            SELECT count(*) AS count_1
            FROM discrepancy AS discrepancy$18
            WHERE EXISTS (
              SELECT loan$19.id
              FROM loan AS loan$19
              WHERE loan$19.id = discrepancy$18.loan_id AND loan$19.principal > $7::BIGINT
            )
          ) AS "totalCount", (
            SELECT coalesce(json_agg(nodes$17), CAST('[]' AS JSON)) AS coalesce_1
            FROM (
              SELECT page$3.measure AS measure, page$3.reporter_a AS "reporterA", page$3.value_a AS "valueA", page$3.reporter_b AS "reporterB", page$3.value_b AS "valueB", page$3.status AS status, row_to_json(one$5) AS institution, row_to_json(one$14) AS loan, row_to_json(one$16) AS handover
              FROM (
                SELECT discrepancy$1.detected_on AS detected_on, discrepancy$1.handover_id AS handover_id, discrepancy$1.id AS id, discrepancy$1.institution_id AS institution_id, discrepancy$1.loan_id AS loan_id, discrepancy$1.measure AS measure, discrepancy$1.reporter_a AS reporter_a, discrepancy$1.reporter_b AS reporter_b, discrepancy$1.status AS status, discrepancy$1.value_a AS value_a, discrepancy$1.value_b AS value_b
                FROM discrepancy AS discrepancy$1
                WHERE EXISTS (
                  SELECT loan$2.id
                  FROM loan AS loan$2
                  WHERE loan$2.id = discrepancy$1.loan_id AND loan$2.principal > $8::BIGINT
                )
                ORDER BY discrepancy$1.measure ASC, discrepancy$1.detected_on ASC, discrepancy$1.id ASC
                LIMIT 3
              ) AS page$3
              LEFT OUTER JOIN LATERAL (
                SELECT institution$4.name AS name, institution$4.kind AS kind
                FROM institution AS institution$4
                WHERE institution$4.id = page$3.institution_id
              ) AS one$5 ON true
              LEFT OUTER JOIN LATERAL (
                SELECT loan$6.principal AS principal, loan$6.status AS status, (
                  SELECT row_to_json(connection$10) AS row_to_json_3
                  FROM (
                    SELECT (
                      SELECT coalesce(json_agg(nodes$9), CAST('[]' AS JSON)) AS coalesce_2
                      FROM (
                        SELECT page$8.disbursed_on AS "disbursedOn", page$8.amount AS amount
                        FROM (
                          SELECT disbursement$7.amount AS amount, disbursement$7.disbursed_on AS disbursed_on, disbursement$7.id AS id
                          FROM disbursement AS disbursement$7
                          WHERE disbursement$7.loan_id = loan$6.id
                          ORDER BY disbursement$7.id ASC
                          LIMIT 20
                        ) AS page$8
                        ORDER BY page$8.id ASC
                      ) AS nodes$9
                    ) AS nodes
                  ) AS connection$10
                ) AS disbursements, (
                  SELECT row_to_json(connection$13) AS row_to_json_4
                  FROM (
                    SELECT (
                      SELECT count(*) AS count_2
                      FROM repayment AS repayment$12
                      WHERE repayment$12.loan_id = loan$6.id
                    ) AS "totalCount"
                  ) AS connection$13
                ) AS repayments
                FROM loan AS loan$6
                WHERE loan$6.id = page$3.loan_id
              ) AS one$14 ON true
              LEFT OUTER JOIN LATERAL (
                SELECT handover$15.amount AS amount, handover$15.sent_on AS "sentOn", handover$15.received_on AS "receivedOn"
                FROM handover AS handover$15
                WHERE handover$15.id = page$3.handover_id
              ) AS one$16 ON true
              ORDER BY page$3.measure ASC, page$3.detected_on ASC, page$3.id ASC
            ) AS nodes$17
          ) AS nodes
        ) AS connection$20
      ) AS discrepancies
    ) AS data$21
  ) AS data
) SELECT answer$22.data, log_read($1::UUID, $2::VARCHAR, $3::VARCHAR, $4::TEXT[], CAST(0 + json_array_length(json_extract_path(answer$22.data, $5::VARCHAR, $6::VARCHAR)) AS INTEGER)) AS log_read_1
FROM answer$22
