SELECT (
  SELECT row_to_json(data$35) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$8) AS row_to_json_2
      FROM (
        SELECT (
          SELECT coalesce(json_agg(nodes$7), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$2.name AS name, '<mark>d:owner.nik:' || page$2.nik AS nik, page$2.phone AS phone, (
              SELECT row_to_json(connection$6) AS row_to_json_3
              FROM (
                SELECT (
                  SELECT coalesce(json_agg(nodes$5), CAST('[]' AS JSON)) AS coalesce_2
                  FROM (
                    SELECT page$4.purpose AS purpose, page$4.given_on AS "givenOn"
                    FROM (
                      SELECT consent$3.given_on AS given_on, consent$3.id AS id, consent$3.purpose AS purpose
                      FROM consent AS consent$3
                      WHERE consent$3.owner_id = page$2.id
                      ORDER BY consent$3.id ASC
                      LIMIT 2
                    ) AS page$4
                    ORDER BY page$4.id ASC
                  ) AS nodes$5
                ) AS nodes
              ) AS connection$6
            ) AS consents
            FROM (
              SELECT owner$1.id AS id, owner$1.name AS name, owner$1.nik AS nik, owner$1.phone AS phone
              FROM owner AS owner$1
              WHERE true
              ORDER BY owner$1.id ASC
              LIMIT 20
            ) AS page$2
            ORDER BY page$2.id ASC
          ) AS nodes$7
        ) AS nodes
      ) AS connection$8
    ) AS owners, (
      SELECT row_to_json(connection$34) AS row_to_json_4
      FROM (
        SELECT (
          SELECT coalesce(json_agg(nodes$33), CAST('[]' AS JSON)) AS coalesce_3
          FROM (
            SELECT page$10.trade_name AS "tradeName", page$10.yearly_turnover AS "yearlyTurnover", (
              SELECT row_to_json(connection$14) AS row_to_json_5
              FROM (
                SELECT (
                  SELECT coalesce(json_agg(nodes$13), CAST('[]' AS JSON)) AS coalesce_4
                  FROM (
                    SELECT page$12.kind AS kind, page$12.number AS number
                    FROM (
                      SELECT permit$11.id AS id, permit$11.kind AS kind, permit$11.number AS number
                      FROM permit AS permit$11
                      WHERE permit$11.business_id = page$10.id
                      ORDER BY permit$11.id ASC
                      LIMIT 2
                    ) AS page$12
                    ORDER BY page$12.id ASC
                  ) AS nodes$13
                ) AS nodes
              ) AS connection$14
            ) AS permits, (
              SELECT row_to_json(connection$18) AS row_to_json_6
              FROM (
                SELECT (
                  SELECT coalesce(json_agg(nodes$17), CAST('[]' AS JSON)) AS coalesce_5
                  FROM (
                    SELECT page$16.package_kind AS "packageKind", page$16.quantity AS quantity, page$16.received_on AS "receivedOn"
                    FROM (
                      SELECT delivery_recipient$15.id AS id, delivery_recipient$15.package_kind AS package_kind, delivery_recipient$15.quantity AS quantity, delivery_recipient$15.received_on AS received_on
                      FROM delivery_recipient AS delivery_recipient$15
                      WHERE delivery_recipient$15.business_id = page$10.id
                      ORDER BY delivery_recipient$15.id ASC
                      LIMIT 2
                    ) AS page$16
                    ORDER BY page$16.id ASC
                  ) AS nodes$17
                ) AS nodes
              ) AS connection$18
            ) AS received, (
              SELECT row_to_json(connection$32) AS row_to_json_7
              FROM (
                SELECT (
                  SELECT coalesce(json_agg(nodes$31), CAST('[]' AS JSON)) AS coalesce_6
                  FROM (
                    SELECT page$20.principal AS principal, page$20.status AS status, row_to_json(one$22) AS fintech, row_to_json(measures$30) AS measures
                    FROM (
                      SELECT loan$19.disbursed_on AS disbursed_on, loan$19.fintech_id AS fintech_id, loan$19.id AS id, loan$19.principal AS principal, loan$19.status AS status
                      FROM loan AS loan$19
                      WHERE loan$19.business_id = page$10.id
                      ORDER BY loan$19.id ASC
                      LIMIT 20
                    ) AS page$20
                    LEFT OUTER JOIN LATERAL (
                      SELECT institution$21.name AS name
                      FROM institution AS institution$21
                      WHERE institution$21.id = page$20.fintech_id
                    ) AS one$22 ON true
                    LEFT OUTER JOIN LATERAL (
                      SELECT state$29.outstanding AS outstanding, state$29.days_past_due AS "daysPastDue"
                      FROM LATERAL (
                        SELECT page$20.principal AS principal, paid$24.repaid AS repaid, due$28.due_to_date AS due_to_date, greatest(page$20.principal - paid$24.repaid, 0) AS outstanding, greatest(due$28.due_to_date - paid$24.repaid, 0) AS overdue, CASE WHEN (greatest(page$20.principal - paid$24.repaid, 0) > 0 AND due$28.oldest_open < $1::DATE) THEN $1::DATE - due$28.oldest_open ELSE 0 END AS days_past_due, CASE WHEN (CASE WHEN (greatest(page$20.principal - paid$24.repaid, 0) > 0 AND due$28.oldest_open < $1::DATE) THEN $1::DATE - due$28.oldest_open ELSE 0 END > 90) THEN greatest(page$20.principal - paid$24.repaid, 0) ELSE 0 END AS outstanding_over_90
                        FROM LATERAL (
                          SELECT coalesce(sum(repayment$23.amount), 0) AS repaid
                          FROM repayment AS repayment$23
                          WHERE repayment$23.loan_id = page$20.id AND repayment$23.paid_on <= $1::DATE
                        ) AS paid$24
                        JOIN LATERAL (
                          SELECT coalesce(sum(schedule$27.principal) FILTER (WHERE schedule$27.due_on <= $1::DATE), 0) + coalesce(max(page$20.principal - schedule$27.scheduled), 0) AS due_to_date, min(schedule$27.due_on) FILTER (WHERE schedule$27.cumulated + (page$20.principal - schedule$27.scheduled) > paid$24.repaid) AS oldest_open
                          FROM (
                            SELECT instalment$25.due_on AS due_on, instalment$25.principal AS principal, sum(instalment$25.principal) OVER (ORDER BY instalment$25.due_on, instalment$25.number) AS cumulated, sum(instalment$25.principal) OVER () AS scheduled
                            FROM instalment AS instalment$25
                            WHERE instalment$25.loan_id = page$20.id AND instalment$25.schedule = (
                              SELECT max(instalment$26.schedule) AS max_1
                              FROM instalment AS instalment$26
                              WHERE instalment$26.loan_id = page$20.id AND (instalment$26.effective_on IS NULL OR instalment$26.effective_on <= $1::DATE)
                            )
                          ) AS schedule$27
                        ) AS due$28 ON true
                        WHERE page$20.disbursed_on <= $1::DATE AND page$20.status != 'BATAL'
                      ) AS state$29
                    ) AS measures$30 ON true
                    ORDER BY page$20.id ASC
                  ) AS nodes$31
                ) AS nodes
              ) AS connection$32
            ) AS loans
            FROM (
              SELECT business$9.id AS id, business$9.trade_name AS trade_name, business$9.yearly_turnover AS yearly_turnover
              FROM business AS business$9
              WHERE true
              ORDER BY business$9.id ASC
              LIMIT 20
            ) AS page$10
            ORDER BY page$10.id ASC
          ) AS nodes$33
        ) AS nodes
      ) AS connection$34
    ) AS recipients
  ) AS data$35
) AS data
