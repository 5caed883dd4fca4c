SELECT (
  SELECT row_to_json(data$22) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$18) AS row_to_json_2
      FROM (
        SELECT (
          SELECT count(*) AS count_1
          FROM handover AS handover$17
          WHERE true
        ) AS "totalCount", (
          SELECT coalesce(json_agg(nodes$16), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$2.sent_on AS "sentOn", page$2.received_on AS "receivedOn", page$2.amount AS amount, page$2.status AS status, row_to_json(one$4) AS fintech, (
              SELECT row_to_json(connection$11) AS row_to_json_3
              FROM (
                SELECT (
                  SELECT count(*) AS count_2
                  FROM handover_loan AS handover_loan$10
                  WHERE handover_loan$10.handover_id = page$2.id
                ) AS "totalCount", (
                  SELECT coalesce(json_agg(nodes$9), CAST('[]' AS JSON)) AS coalesce_2
                  FROM (
                    SELECT page$6.amount AS amount, row_to_json(one$8) AS loan
                    FROM (
                      SELECT handover_loan$5.amount AS amount, handover_loan$5.id AS id, handover_loan$5.loan_id AS loan_id
                      FROM handover_loan AS handover_loan$5
                      WHERE handover_loan$5.handover_id = page$2.id
                      ORDER BY handover_loan$5.id ASC
                      LIMIT 2
                    ) AS page$6
                    LEFT OUTER JOIN LATERAL (
                      SELECT loan$7.principal AS principal, loan$7.stage AS stage
                      FROM loan AS loan$7
                      WHERE loan$7.id = page$6.loan_id
                    ) AS one$8 ON true
                    ORDER BY page$6.id ASC
                  ) AS nodes$9
                ) AS nodes
              ) AS connection$11
            ) AS loans, (
              SELECT row_to_json(connection$15) AS row_to_json_4
              FROM (
                SELECT (
                  SELECT coalesce(json_agg(nodes$14), CAST('[]' AS JSON)) AS coalesce_3
                  FROM (
                    SELECT page$13.given_on AS "givenOn", page$13.amount AS amount, page$13.programme AS programme
                    FROM (
                      SELECT onward_aid$12.amount AS amount, onward_aid$12.given_on AS given_on, onward_aid$12.id AS id, onward_aid$12.programme AS programme
                      FROM onward_aid AS onward_aid$12
                      WHERE onward_aid$12.handover_id = page$2.id
                      ORDER BY onward_aid$12.id ASC
                      LIMIT 2
                    ) AS page$13
                    ORDER BY page$13.id ASC
                  ) AS nodes$14
                ) AS nodes
              ) AS connection$15
            ) AS "onwardAids"
            FROM (
              SELECT handover$1.amount AS amount, handover$1.fintech_id AS fintech_id, handover$1.id AS id, handover$1.received_on AS received_on, handover$1.sent_on AS sent_on, handover$1.status AS status
              FROM handover AS handover$1
              WHERE true
              ORDER BY handover$1.sent_on ASC, handover$1.id ASC
              LIMIT 2
            ) AS page$2
            LEFT OUTER JOIN LATERAL (
              SELECT institution$3.name AS name
              FROM institution AS institution$3
              WHERE institution$3.id = page$2.fintech_id
            ) AS one$4 ON true
            ORDER BY page$2.sent_on ASC, page$2.id ASC
          ) AS nodes$16
        ) AS nodes
      ) AS connection$18
    ) AS handovers, (
      SELECT coalesce(json_agg(page$21), CAST('[]' AS JSON)) AS coalesce_4
      FROM (
        SELECT json_build_object('programme', groups$20.programme$) AS keys, groups$20.count AS count, groups$20.amount AS amount
        FROM (
          SELECT onward_aid$19.programme AS programme$, count(*) AS count, json_build_object('sum', sum(onward_aid$19.amount), 'avg', round(CAST(avg(onward_aid$19.amount) AS NUMERIC), 2), 'min', min(onward_aid$19.amount), 'max', max(onward_aid$19.amount)) AS amount
          FROM onward_aid AS onward_aid$19
          WHERE true
          GROUP BY onward_aid$19.programme
          HAVING true
        ) AS groups$20
        ORDER BY groups$20.programme$
        LIMIT 100
      ) AS page$21
    ) AS "onwardAidGroups"
  ) AS data$22
) AS data
