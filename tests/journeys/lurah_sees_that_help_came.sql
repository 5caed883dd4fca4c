SELECT (
  SELECT row_to_json(data$22) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$14) AS row_to_json_2
      FROM (
        SELECT (
          SELECT count(*) AS count_1
          FROM business AS business$13
          WHERE business$13.has_received = $1::BOOLEAN
        ) AS "totalCount", (
          SELECT coalesce(json_agg(nodes$12), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$2.trade_name AS "tradeName", page$2.scale AS scale, row_to_json(one$4) AS kbli, row_to_json(one$6) AS region, (
              SELECT row_to_json(connection$11) AS row_to_json_3
              FROM (
                SELECT (
                  SELECT count(*) AS count_2
                  FROM delivery_recipient AS delivery_recipient$10
                  WHERE delivery_recipient$10.business_id = page$2.id
                ) AS "totalCount", (
                  SELECT coalesce(json_agg(nodes$9), CAST('[]' AS JSON)) AS coalesce_2
                  FROM (
                    SELECT page$8.package_kind AS "packageKind", page$8.received_on AS "receivedOn"
                    FROM (
                      SELECT delivery_recipient$7.id AS id, delivery_recipient$7.package_kind AS package_kind, delivery_recipient$7.received_on AS received_on
                      FROM delivery_recipient AS delivery_recipient$7
                      WHERE delivery_recipient$7.business_id = page$2.id
                      ORDER BY delivery_recipient$7.id ASC
                      LIMIT 1
                    ) AS page$8
                    ORDER BY page$8.id ASC
                  ) AS nodes$9
                ) AS nodes
              ) AS connection$11
            ) AS received
            FROM (
              SELECT business$1.id AS id, business$1.kbli_id AS kbli_id, business$1.region_code AS region_code, business$1.scale AS scale, business$1.trade_name AS trade_name
              FROM business AS business$1
              WHERE business$1.has_received = $2::BOOLEAN
              ORDER BY business$1.trade_name ASC, business$1.id ASC
              LIMIT 3
            ) AS page$2
            LEFT OUTER JOIN LATERAL (
              SELECT kbli_code$3.title AS title
              FROM kbli_code AS kbli_code$3
              WHERE kbli_code$3.id = page$2.kbli_id
            ) AS one$4 ON true
            LEFT OUTER JOIN LATERAL (
              SELECT region$5.name AS name
              FROM region AS region$5
              WHERE region$5.code = page$2.region_code
            ) AS one$6 ON true
            ORDER BY page$2.trade_name ASC, page$2.id ASC
          ) AS nodes$12
        ) AS nodes
      ) AS connection$14
    ) AS recipients, (
      SELECT coalesce(json_agg(page$18), CAST('[]' AS JSON)) AS coalesce_3
      FROM (
        SELECT json_build_object('kelurahanName', region$17.name, 'hasReceived', groups$16."hasReceived$") AS keys, groups$16.count AS count
        FROM (
          SELECT left(business$15.region_code, 13) AS "kelurahanCode$", business$15.has_received AS "hasReceived$", count(*) AS count
          FROM business AS business$15
          WHERE true
          GROUP BY left(business$15.region_code, 13), business$15.has_received
          HAVING true
        ) AS groups$16
        LEFT OUTER JOIN region AS region$17 ON region$17.code = groups$16."kelurahanCode$"
        ORDER BY groups$16."kelurahanCode$", groups$16."hasReceived$"
        LIMIT 100
      ) AS page$18
    ) AS "recipientGroups", (
      SELECT coalesce(json_agg(page$21), CAST('[]' AS JSON)) AS coalesce_4
      FROM (
        SELECT json_build_object('packageKind', groups$20."packageKind$") AS keys, groups$20.count AS count, groups$20.quantity AS quantity
        FROM (
          SELECT need$19.package_kind AS "packageKind$", count(*) AS count, json_build_object('sum', sum(need$19.quantity)) AS quantity
          FROM need AS need$19
          WHERE need$19.open = $3::BOOLEAN
          GROUP BY need$19.package_kind
          HAVING true
        ) AS groups$20
        ORDER BY groups$20."packageKind$"
        LIMIT 100
      ) AS page$21
    ) AS "needGroups"
  ) AS data$22
) AS data
