SELECT (
  SELECT row_to_json(data$21) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$20) AS row_to_json_2
      FROM (
        SELECT (
          SELECT count(*) AS count_1
          FROM collaboration AS collaboration$19
          WHERE collaboration$19.status = $1 AND collaboration$19.package_kind != $2
        ) AS "totalCount", (
          SELECT coalesce(json_agg(nodes$18), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$2.number AS number, page$2.title AS title, page$2.programme AS programme, page$2.pledged_value AS "pledgedValue", row_to_json(one$4) AS collaborator, row_to_json(one$6) AS region, (
              SELECT row_to_json(connection$17) AS row_to_json_3
              FROM (
                SELECT (
                  SELECT count(*) AS count_2
                  FROM pledge AS pledge$16
                  WHERE pledge$16.collaboration_id = page$2.id
                ) AS "totalCount", (
                  SELECT coalesce(json_agg(nodes$15), CAST('[]' AS JSON)) AS coalesce_2
                  FROM (
                    SELECT page$8.item AS item, page$8.quantity AS quantity, page$8.delivered_quantity AS "deliveredQuantity", page$8.status AS status, (
                      SELECT row_to_json(connection$14) AS row_to_json_4
                      FROM (
                        SELECT (
                          SELECT coalesce(json_agg(nodes$13), CAST('[]' AS JSON)) AS coalesce_3
                          FROM (
                            SELECT page$10.delivered_on AS "deliveredOn", page$10.quantity AS quantity, page$10.value AS value, page$10.status AS status, row_to_json(one$12) AS place
                            FROM (
                              SELECT delivery$9.delivered_on AS delivered_on, delivery$9.id AS id, delivery$9.place_id AS place_id, delivery$9.quantity AS quantity, delivery$9.status AS status, delivery$9.value AS value
                              FROM delivery AS delivery$9
                              WHERE delivery$9.pledge_id = page$8.id
                              ORDER BY delivery$9.id ASC
                              LIMIT 2
                            ) AS page$10
                            LEFT OUTER JOIN LATERAL (
                              SELECT place$11.name AS name
                              FROM place AS place$11
                              WHERE place$11.id = page$10.place_id
                            ) AS one$12 ON true
                            ORDER BY page$10.id ASC
                          ) AS nodes$13
                        ) AS nodes
                      ) AS connection$14
                    ) AS deliveries
                    FROM (
                      SELECT pledge$7.delivered_quantity AS delivered_quantity, pledge$7.id AS id, pledge$7.item AS item, pledge$7.quantity AS quantity, pledge$7.status AS status
                      FROM pledge AS pledge$7
                      WHERE pledge$7.collaboration_id = page$2.id
                      ORDER BY pledge$7.id ASC
                      LIMIT 2
                    ) AS page$8
                    ORDER BY page$8.id ASC
                  ) AS nodes$15
                ) AS nodes
              ) AS connection$17
            ) AS pledges
            FROM (
              SELECT collaboration$1.collaborator_id AS collaborator_id, collaboration$1.id AS id, collaboration$1.number AS number, collaboration$1.pledged_value AS pledged_value, collaboration$1.programme AS programme, collaboration$1.region_code AS region_code, collaboration$1.title AS title
              FROM collaboration AS collaboration$1
              WHERE collaboration$1.status = $3 AND collaboration$1.package_kind != $4
              ORDER BY collaboration$1.pledged_value DESC, collaboration$1.id DESC
              LIMIT 3
            ) AS page$2
            LEFT OUTER JOIN LATERAL (
              SELECT collaborator$3.name AS name, collaborator$3.kind AS kind
              FROM collaborator AS collaborator$3
              WHERE collaborator$3.id = page$2.collaborator_id
            ) AS one$4 ON true
            LEFT OUTER JOIN LATERAL (
              SELECT region$5.name AS name
              FROM region AS region$5
              WHERE region$5.code = page$2.region_code
            ) AS one$6 ON true
            ORDER BY page$2.pledged_value DESC, page$2.id DESC
          ) AS nodes$18
        ) AS nodes
      ) AS connection$20
    ) AS collaborations
  ) AS data$21
) AS data
