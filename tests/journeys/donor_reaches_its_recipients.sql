SELECT (
  SELECT row_to_json(data$20) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$19) AS row_to_json_2
      FROM (
        SELECT (
          SELECT coalesce(json_agg(nodes$18), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$3.number AS number, page$3.title AS title, page$3.status AS status, page$3.pledged_value AS "pledgedValue", (
              SELECT row_to_json(connection$14) AS row_to_json_3
              FROM (
                SELECT (
                  SELECT count(*) AS count_1
                  FROM loan AS loan$13
                  WHERE loan$13.collaboration_id = page$3.id AND loan$13.status = $1
                ) AS "totalCount", (
                  SELECT coalesce(json_agg(nodes$12), CAST('[]' AS JSON)) AS coalesce_2
                  FROM (
                    SELECT page$5.status AS status, page$5.principal AS principal, row_to_json(one$7) AS fintech, (
                      SELECT row_to_json(one$11) AS row_to_json_4
                      FROM (
                        SELECT business$8.trade_name AS "tradeName", business$8.address AS address, CASE WHEN (business$8.point IS NULL) THEN NULL ELSE json_build_object('type', 'Point', 'coordinates', json_build_array((business$8.point)[0], (business$8.point)[1])) END AS point, row_to_json(one$10) AS owner
                        WHERE business$8.id IS NOT NULL
                      ) AS one$11
                    ) AS recipient
                    FROM (
                      SELECT loan$4.business_id AS business_id, loan$4.fintech_id AS fintech_id, loan$4.principal AS principal, loan$4.public_id AS public_id, loan$4.status AS status
                      FROM loan AS loan$4
                      WHERE loan$4.collaboration_id = page$3.id AND loan$4.status = $2
                      ORDER BY loan$4.public_id ASC
                      LIMIT 2
                    ) AS page$5
                    LEFT OUTER JOIN LATERAL (
                      SELECT institution$6.name AS name
                      FROM institution AS institution$6
                      WHERE institution$6.id = page$5.fintech_id
                    ) AS one$7 ON true
                    LEFT OUTER JOIN business AS business$8 ON business$8.id = page$5.business_id
                    LEFT OUTER JOIN LATERAL (
                      SELECT owner$9.name AS name, owner$9.phone AS phone
                      FROM owner AS owner$9
                      WHERE owner$9.id = business$8.owner_id
                    ) AS one$10 ON true
                    ORDER BY page$5.public_id ASC
                  ) AS nodes$12
                ) AS nodes
              ) AS connection$14
            ) AS loans, (
              SELECT row_to_json(connection$17) AS row_to_json_5
              FROM (
                SELECT (
                  SELECT count(*) AS count_2
                  FROM complaint AS complaint$16
                  WHERE complaint$16.collaboration_id = page$3.id
                ) AS "totalCount"
              ) AS connection$17
            ) AS complaints
            FROM (
              SELECT collaboration$1.created_on AS created_on, collaboration$1.id AS id, collaboration$1.number AS number, collaboration$1.pledged_value AS pledged_value, collaboration$1.status AS status, collaboration$1.title AS title
              FROM collaboration AS collaboration$1
              WHERE EXISTS (
                SELECT loan$2.id
                FROM loan AS loan$2
                WHERE loan$2.collaboration_id = collaboration$1.id AND true
              )
              ORDER BY collaboration$1.created_on DESC, collaboration$1.id DESC
              LIMIT 2
            ) AS page$3
            ORDER BY page$3.created_on DESC, page$3.id DESC
          ) AS nodes$18
        ) AS nodes
      ) AS connection$19
    ) AS collaborations
  ) AS data$20
) AS data
