SELECT (
  SELECT row_to_json(data$8) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$7) AS row_to_json_2
      FROM (
        SELECT coalesce(json_agg(items$5.item$0) FILTER (WHERE items$5.n$ <= 2), '[]'::json) AS edges, json_build_object('hasNextPage', count(*) > 2, 'hasPreviousPage', true, 'endCursor', max(items$5.cursor$) FILTER (WHERE items$5.n$ = least(2, items$5.total$))) AS "pageInfo", (
          SELECT count(*) AS count_1
          FROM collaboration AS collaboration$6
          WHERE collaboration$6.pledged_value >= $1::BIGINT
        ) AS "totalCount"
        FROM (
          SELECT row_number() OVER (ORDER BY page$2.pledged_value DESC, page$2.title ASC, page$2.id ASC) AS n$, count(*) OVER () AS total$, '<mark>c:9a08600fd7f4:' || encode(convert_to(CAST(json_build_array(CAST(page$2.pledged_value AS TEXT), CAST(page$2.title AS TEXT), CAST(page$2.id AS TEXT)) AS TEXT), 'UTF8'), 'hex') AS cursor$, (
            SELECT row_to_json(item$4) AS row_to_json_3
            FROM (
              SELECT '<mark>c:9a08600fd7f4:' || encode(convert_to(CAST(json_build_array(CAST(page$2.pledged_value AS TEXT), CAST(page$2.title AS TEXT), CAST(page$2.id AS TEXT)) AS TEXT), 'UTF8'), 'hex') AS cursor, (
                SELECT row_to_json(node$3) AS row_to_json_4
                FROM (
                  SELECT page$2.title AS title, page$2.pledged_value AS "pledgedValue"
                ) AS node$3
              ) AS node
            ) AS item$4
          ) AS item$0
          FROM (
            SELECT collaboration$1.id AS id, collaboration$1.pledged_value AS pledged_value, collaboration$1.title AS title
            FROM collaboration AS collaboration$1
            WHERE collaboration$1.pledged_value >= $2::BIGINT AND (collaboration$1.pledged_value < $3::BIGINT OR collaboration$1.pledged_value = $3::BIGINT AND (collaboration$1.title > $4::VARCHAR OR collaboration$1.title = $4::VARCHAR AND (collaboration$1.id > $5::UUID OR false)))
            ORDER BY collaboration$1.pledged_value DESC, collaboration$1.title ASC, collaboration$1.id ASC
            LIMIT 3
          ) AS page$2
          ORDER BY page$2.pledged_value DESC, page$2.title ASC, page$2.id ASC
        ) AS items$5
        HAVING true
      ) AS connection$7
    ) AS collaborations
  ) AS data$8
) AS data
