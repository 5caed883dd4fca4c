SELECT (
  SELECT row_to_json(data$15) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$4) AS row_to_json_2
      FROM (
        SELECT (
          SELECT coalesce(json_agg(nodes$3), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$2.public_id AS id, page$2.value AS value, page$2.number AS number, page$2.unit AS unit, page$2.as_of AS "asOf", page$2.source AS source, page$2.definition AS definition
            FROM (
              SELECT reported_figure$1.as_of AS as_of, reported_figure$1.definition AS definition, reported_figure$1.id AS id, reported_figure$1.number AS number, reported_figure$1.public_id AS public_id, reported_figure$1.source AS source, reported_figure$1.unit AS unit, reported_figure$1.value AS value
              FROM reported_figure AS reported_figure$1
              WHERE true
              ORDER BY reported_figure$1.id ASC
              LIMIT 3
            ) AS page$2
            ORDER BY page$2.id ASC
          ) AS nodes$3
        ) AS nodes
      ) AS connection$4
    ) AS "reportedFigures", (
      SELECT row_to_json(connection$14) AS row_to_json_3
      FROM (
        SELECT (
          SELECT coalesce(json_agg(nodes$13), CAST('[]' AS JSON)) AS coalesce_2
          FROM (
            SELECT page$6.formula AS formula, page$6.outcome AS outcome, (
              SELECT row_to_json(connection$12) AS row_to_json_4
              FROM (
                SELECT (
                  SELECT coalesce(json_agg(nodes$11), CAST('[]' AS JSON)) AS coalesce_3
                  FROM (
                    SELECT row_to_json(one$10) AS figure
                    FROM (
                      SELECT figure_mention$7.figure_id AS figure_id, figure_mention$7.id AS id
                      FROM figure_mention AS figure_mention$7
                      WHERE figure_mention$7.check_id = page$6.id
                      ORDER BY figure_mention$7.id ASC
                      LIMIT 20
                    ) AS page$8
                    LEFT OUTER JOIN LATERAL (
                      SELECT reported_figure$9.public_id AS id, reported_figure$9.value AS value, reported_figure$9.source AS source
                      FROM reported_figure AS reported_figure$9
                      WHERE reported_figure$9.id = page$8.figure_id
                    ) AS one$10 ON true
                    ORDER BY page$8.id ASC
                  ) AS nodes$11
                ) AS nodes
              ) AS connection$12
            ) AS mentions
            FROM (
              SELECT figure_check$5.formula AS formula, figure_check$5.id AS id, figure_check$5.outcome AS outcome
              FROM figure_check AS figure_check$5
              WHERE figure_check$5.agrees = $1::BOOLEAN
              ORDER BY figure_check$5.id ASC
              LIMIT 20
            ) AS page$6
            ORDER BY page$6.id ASC
          ) AS nodes$13
        ) AS nodes
      ) AS connection$14
    ) AS "figureChecks"
  ) AS data$15
) AS data
