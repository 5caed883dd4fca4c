SELECT (
  SELECT row_to_json(data$21) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$20) AS row_to_json_2
      FROM (
        SELECT (
          SELECT coalesce(json_agg(nodes$19), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$2.principal AS principal, row_to_json(measures$10) AS measures, (
              SELECT row_to_json(one$14) AS row_to_json_3
              FROM (
                SELECT business$11.trade_name AS "tradeName", business$11.address AS address, row_to_json(one$13) AS owner
                WHERE business$11.id IS NOT NULL
              ) AS one$14
            ) AS recipient, (
              SELECT row_to_json(connection$18) AS row_to_json_4
              FROM (
                SELECT (
                  SELECT coalesce(json_agg(nodes$17), CAST('[]' AS JSON)) AS coalesce_2
                  FROM (
                    SELECT page$16.visited_on AS "visitedOn"
                    FROM (
                      SELECT mentoring_visit$15.id AS id, mentoring_visit$15.visited_on AS visited_on
                      FROM mentoring_visit AS mentoring_visit$15
                      WHERE mentoring_visit$15.loan_id = page$2.id
                      ORDER BY mentoring_visit$15.id DESC
                      LIMIT 1
                    ) AS page$16
                    ORDER BY page$16.id ASC
                  ) AS nodes$17
                ) AS nodes
              ) AS connection$18
            ) AS "mentoringVisits"
            FROM (
              SELECT loan$1.business_id AS business_id, loan$1.disbursed_on AS disbursed_on, loan$1.id AS id, loan$1.principal AS principal, loan$1.status AS status
              FROM loan AS loan$1
              WHERE loan$1.status = ANY ($1::VARCHAR(40)[])
              ORDER BY loan$1.id ASC
              LIMIT 3
            ) AS page$2
            LEFT OUTER JOIN LATERAL (
              SELECT state$9.days_past_due AS "daysPastDue", CASE WHEN (state$9.outstanding = 0) THEN CAST(NULL AS INTEGER) WHEN (state$9.days_past_due <= 0) THEN 1 WHEN (state$9.days_past_due <= 30) THEN 2 WHEN (state$9.days_past_due <= 60) THEN 3 WHEN (state$9.days_past_due <= 90) THEN 4 ELSE 5 END AS collectability
              FROM LATERAL (
                SELECT page$2.principal AS principal, paid$4.repaid AS repaid, due$8.due_to_date AS due_to_date, greatest(page$2.principal - paid$4.repaid, 0) AS outstanding, greatest(due$8.due_to_date - paid$4.repaid, 0) AS overdue, CASE WHEN (greatest(page$2.principal - paid$4.repaid, 0) > 0 AND due$8.oldest_open < $2::DATE) THEN $2::DATE - due$8.oldest_open ELSE 0 END AS days_past_due, CASE WHEN (CASE WHEN (greatest(page$2.principal - paid$4.repaid, 0) > 0 AND due$8.oldest_open < $2::DATE) THEN $2::DATE - due$8.oldest_open ELSE 0 END > 90) THEN greatest(page$2.principal - paid$4.repaid, 0) ELSE 0 END AS outstanding_over_90
                FROM LATERAL (
                  SELECT coalesce(sum(repayment$3.amount), 0) AS repaid
                  FROM repayment AS repayment$3
                  WHERE repayment$3.loan_id = page$2.id AND repayment$3.paid_on <= $2::DATE
                ) AS paid$4
                JOIN LATERAL (
                  SELECT coalesce(sum(schedule$7.principal) FILTER (WHERE schedule$7.due_on <= $2::DATE), 0) + coalesce(max(page$2.principal - schedule$7.scheduled), 0) AS due_to_date, min(schedule$7.due_on) FILTER (WHERE schedule$7.cumulated + (page$2.principal - schedule$7.scheduled) > paid$4.repaid) AS oldest_open
                  FROM (
                    SELECT instalment$5.due_on AS due_on, instalment$5.principal AS principal, sum(instalment$5.principal) OVER (ORDER BY instalment$5.due_on, instalment$5.number) AS cumulated, sum(instalment$5.principal) OVER () AS scheduled
                    FROM instalment AS instalment$5
                    WHERE instalment$5.loan_id = page$2.id AND instalment$5.schedule = (
                      SELECT max(instalment$6.schedule) AS max_1
                      FROM instalment AS instalment$6
                      WHERE instalment$6.loan_id = page$2.id AND (instalment$6.effective_on IS NULL OR instalment$6.effective_on <= $2::DATE)
                    )
                  ) AS schedule$7
                ) AS due$8 ON true
                WHERE page$2.disbursed_on <= $2::DATE AND page$2.status != 'BATAL'
              ) AS state$9
            ) AS measures$10 ON true
            LEFT OUTER JOIN business AS business$11 ON business$11.id = page$2.business_id
            LEFT OUTER JOIN LATERAL (
              SELECT owner$12.name AS name, owner$12.phone AS phone, owner$12.nik AS nik
              FROM owner AS owner$12
              WHERE owner$12.id = business$11.owner_id
            ) AS one$13 ON true
            ORDER BY page$2.id ASC
          ) AS nodes$19
        ) AS nodes
      ) AS connection$20
    ) AS loans
  ) AS data$21
) AS data
