SELECT (
  SELECT row_to_json(data$11) AS row_to_json_1
  FROM (
    SELECT json_build_array((
      SELECT row_to_json(row$6) AS row_to_json_2
      FROM (
        SELECT 'Region' AS __typename, region$1.public_id AS id, region$1.name AS name, region$1.level AS level, (
          SELECT row_to_json(connection$5) AS row_to_json_3
          FROM (
            SELECT (
              SELECT coalesce(json_agg(nodes$4), CAST('[]' AS JSON)) AS coalesce_1
              FROM (
                SELECT page$3.name AS name
                FROM (
                  SELECT region$2.code AS code, region$2.name AS name
                  FROM region AS region$2
                  WHERE region$2.parent_code = region$1.code
                  ORDER BY region$2.code ASC
                  LIMIT 2
                ) AS page$3
                ORDER BY page$3.code ASC
              ) AS nodes$4
            ) AS nodes
          ) AS connection$5
        ) AS children
        FROM region AS region$1
        WHERE region$1.code = $1::VARCHAR COLLATE "C"
      ) AS row$6
    ), (
      SELECT row_to_json(row$8) AS row_to_json_4
      FROM (
        SELECT 'ReportedFigure' AS __typename, reported_figure$7.public_id AS id
        FROM reported_figure AS reported_figure$7
        WHERE reported_figure$7.id = $2::VARCHAR COLLATE "C"
      ) AS row$8
    ), CAST(NULL AS JSON), (
      SELECT row_to_json(row$10) AS row_to_json_5
      FROM (
        SELECT 'KbliCode' AS __typename, kbli_code$9.public_id AS id, kbli_code$9.title AS title
        FROM kbli_code AS kbli_code$9
        WHERE kbli_code$9.id = $3::VARCHAR COLLATE "C"
      ) AS row$10
    )) AS nodes
  ) AS data$11
) AS data
