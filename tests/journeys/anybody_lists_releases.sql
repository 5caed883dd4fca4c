SELECT (
  SELECT row_to_json(data$8) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$4) AS row_to_json_2
      FROM (
        SELECT (
          SELECT coalesce(json_agg(nodes$3), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$2.dataset AS dataset, page$2.version AS version, page$2.released_at AS "releasedAt", page$2.rows AS rows, page$2.sha256 AS sha256, page$2.path AS path
            FROM (
              SELECT release$1.dataset AS dataset, release$1.id AS id, release$1.path AS path, release$1.released_at AS released_at, release$1.rows AS rows, release$1.sha256 AS sha256, release$1.version AS version
              FROM release AS release$1
              WHERE true
              ORDER BY release$1.released_at DESC, release$1.id DESC
              LIMIT 5
            ) AS page$2
            ORDER BY page$2.released_at DESC, page$2.id DESC
          ) AS nodes$3
        ) AS nodes
      ) AS connection$4
    ) AS releases, (
      SELECT coalesce(json_agg(page$7), CAST('[]' AS JSON)) AS coalesce_2
      FROM (
        SELECT json_build_object('dataset', groups$6.dataset$) AS keys, groups$6.count AS count, groups$6.rows AS rows, groups$6."releasedAt" AS "releasedAt"
        FROM (
          SELECT release$5.dataset AS dataset$, count(*) AS count, json_build_object('sum', sum(release$5.rows)) AS rows, json_build_object('max', max(release$5.released_at)) AS "releasedAt"
          FROM release AS release$5
          WHERE true
          GROUP BY release$5.dataset
          HAVING true
        ) AS groups$6
        ORDER BY groups$6.dataset$
        LIMIT 100
      ) AS page$7
    ) AS "releaseGroups"
  ) AS data$8
) AS data
