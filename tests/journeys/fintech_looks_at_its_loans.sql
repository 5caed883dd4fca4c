SELECT (
  SELECT row_to_json(data$29) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$28) AS row_to_json_2
      FROM (
        SELECT (
          SELECT count(*) AS count_1
          FROM loan AS loan$27
          WHERE loan$27.status = ANY ($1::VARCHAR(40)[]) AND loan$27.disbursed_on <= $2::DATE
        ) AS "totalCount", (
          SELECT coalesce(json_agg(nodes$26), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$2.principal AS principal, page$2.tenor_months AS "tenorMonths", page$2.status AS status, page$2.disbursed_on AS "disbursedOn", (
              SELECT row_to_json(one$8) AS row_to_json_3
              FROM (
                SELECT business$3.trade_name AS "tradeName", (
                  SELECT row_to_json(one$7) AS row_to_json_4
                  FROM (
                    SELECT region$4.name AS name, row_to_json(one$6) AS parent
                    WHERE region$4.code IS NOT NULL
                  ) AS one$7
                ) AS region
                WHERE business$3.id IS NOT NULL
              ) AS one$8
            ) AS recipient, (
              SELECT row_to_json(connection$12) AS row_to_json_5
              FROM (
                SELECT (
                  SELECT coalesce(json_agg(nodes$11), CAST('[]' AS JSON)) AS coalesce_2
                  FROM (
                    SELECT page$10.number AS number, page$10.due_on AS "dueOn", page$10.principal AS principal
                    FROM (
                      SELECT instalment$9.due_on AS due_on, instalment$9.id AS id, instalment$9.number AS number, instalment$9.principal AS principal
                      FROM instalment AS instalment$9
                      WHERE instalment$9.loan_id = page$2.id
                      ORDER BY instalment$9.due_on ASC, instalment$9.id ASC
                      LIMIT 3
                    ) AS page$10
                    ORDER BY page$10.due_on ASC, page$10.id ASC
                  ) AS nodes$11
                ) AS nodes
              ) AS connection$12
            ) AS instalments, (
              SELECT row_to_json(connection$17) AS row_to_json_6
              FROM (
                SELECT (
                  SELECT count(*) AS count_2
                  FROM repayment AS repayment$16
                  WHERE repayment$16.loan_id = page$2.id
                ) AS "totalCount", (
                  SELECT coalesce(json_agg(nodes$15), CAST('[]' AS JSON)) AS coalesce_3
                  FROM (
                    SELECT page$14.paid_on AS "paidOn", page$14.amount AS amount
                    FROM (
                      SELECT repayment$13.amount AS amount, repayment$13.id AS id, repayment$13.paid_on AS paid_on
                      FROM repayment AS repayment$13
                      WHERE repayment$13.loan_id = page$2.id
                      ORDER BY repayment$13.paid_on DESC, repayment$13.id DESC
                      LIMIT 2
                    ) AS page$14
                    ORDER BY page$14.paid_on ASC, page$14.id ASC
                  ) AS nodes$15
                ) AS nodes
              ) AS connection$17
            ) AS repayments, row_to_json(measures$25) AS measures
            FROM (
              SELECT loan$1.business_id AS business_id, loan$1.disbursed_on AS disbursed_on, loan$1.id AS id, loan$1.principal AS principal, loan$1.status AS status, loan$1.tenor_months AS tenor_months
              FROM loan AS loan$1
              WHERE loan$1.status = ANY ($3::VARCHAR(40)[]) AND loan$1.disbursed_on <= $4::DATE
              ORDER BY loan$1.disbursed_on ASC, loan$1.id ASC
              LIMIT 2
            ) AS page$2
            LEFT OUTER JOIN business AS business$3 ON business$3.id = page$2.business_id
            LEFT OUTER JOIN region AS region$4 ON region$4.code = business$3.region_code
            LEFT OUTER JOIN LATERAL (
              SELECT region$5.name AS name
              FROM region AS region$5
              WHERE region$5.code = region$4.parent_code
            ) AS one$6 ON true
            LEFT OUTER JOIN LATERAL (
              SELECT state$24.outstanding AS outstanding, state$24.days_past_due AS "daysPastDue", CASE WHEN (state$24.outstanding = 0) THEN CAST(NULL AS INTEGER) WHEN (state$24.days_past_due <= 0) THEN 1 WHEN (state$24.days_past_due <= 30) THEN 2 WHEN (state$24.days_past_due <= 60) THEN 3 WHEN (state$24.days_past_due <= 90) THEN 4 ELSE 5 END AS collectability, state$24.outstanding = 0 AS "repaidInFull"
              FROM LATERAL (
                SELECT page$2.principal AS principal, paid$19.repaid AS repaid, due$23.due_to_date AS due_to_date, greatest(page$2.principal - paid$19.repaid, 0) AS outstanding, greatest(due$23.due_to_date - paid$19.repaid, 0) AS overdue, CASE WHEN (greatest(page$2.principal - paid$19.repaid, 0) > 0 AND due$23.oldest_open < $5::DATE) THEN $5::DATE - due$23.oldest_open ELSE 0 END AS days_past_due, CASE WHEN (CASE WHEN (greatest(page$2.principal - paid$19.repaid, 0) > 0 AND due$23.oldest_open < $5::DATE) THEN $5::DATE - due$23.oldest_open ELSE 0 END > 90) THEN greatest(page$2.principal - paid$19.repaid, 0) ELSE 0 END AS outstanding_over_90
                FROM LATERAL (
                  SELECT coalesce(sum(repayment$18.amount), 0) AS repaid
                  FROM repayment AS repayment$18
                  WHERE repayment$18.loan_id = page$2.id AND repayment$18.paid_on <= $5::DATE
                ) AS paid$19
                JOIN LATERAL (
                  SELECT coalesce(sum(schedule$22.principal) FILTER (WHERE schedule$22.due_on <= $5::DATE), 0) + coalesce(max(page$2.principal - schedule$22.scheduled), 0) AS due_to_date, min(schedule$22.due_on) FILTER (WHERE schedule$22.cumulated + (page$2.principal - schedule$22.scheduled) > paid$19.repaid) AS oldest_open
                  FROM (
                    SELECT instalment$20.due_on AS due_on, instalment$20.principal AS principal, sum(instalment$20.principal) OVER (ORDER BY instalment$20.due_on, instalment$20.number) AS cumulated, sum(instalment$20.principal) OVER () AS scheduled
                    FROM instalment AS instalment$20
                    WHERE instalment$20.loan_id = page$2.id AND instalment$20.schedule = (
                      SELECT max(instalment$21.schedule) AS max_1
                      FROM instalment AS instalment$21
                      WHERE instalment$21.loan_id = page$2.id AND (instalment$21.effective_on IS NULL OR instalment$21.effective_on <= $5::DATE)
                    )
                  ) AS schedule$22
                ) AS due$23 ON true
                WHERE page$2.disbursed_on <= $5::DATE AND page$2.status != 'BATAL'
              ) AS state$24
            ) AS measures$25 ON true
            ORDER BY page$2.disbursed_on ASC, page$2.id ASC
          ) AS nodes$26
        ) AS nodes
      ) AS connection$28
    ) AS loans
  ) AS data$29
) AS data
