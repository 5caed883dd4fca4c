SELECT (
  SELECT row_to_json(data$13) AS row_to_json_1
  FROM (
    SELECT (
      SELECT coalesce(json_agg(layer$4), CAST('[]' AS JSON)) AS coalesce_1
      FROM (
        SELECT region$2.code AS "regionCode", region$2.name AS "regionName", CASE WHEN (region$2.centre IS NULL) THEN NULL ELSE json_build_object('type', 'Point', 'coordinates', json_build_array((region$2.centre)[0], (region$2.centre)[1])) END AS centre, cells$3.quantity AS quantity, cells$3.value AS value
        FROM (
          SELECT left(need$1.region_code, 5) AS code, sum(need$1.quantity) AS quantity, sum(need$1.estimated_value) AS value
          FROM need AS need$1
          WHERE true
          GROUP BY left(need$1.region_code, 5)
        ) AS cells$3
        JOIN region AS region$2 ON region$2.code = cells$3.code
        ORDER BY region$2.code
      ) AS layer$4
    ) AS target, (
      SELECT coalesce(json_agg(layer$8), CAST('[]' AS JSON)) AS coalesce_2
      FROM (
        SELECT region$6.name AS "regionName", cells$7.quantity AS quantity, cells$7.value AS value
        FROM (
          SELECT left(pledge$5.region_code, 5) AS code, sum(pledge$5.quantity) AS quantity, sum(pledge$5.estimated_value) AS value
          FROM pledge AS pledge$5
          WHERE pledge$5.package_kind = 'SARPRAS'
          GROUP BY left(pledge$5.region_code, 5)
        ) AS cells$7
        JOIN region AS region$6 ON region$6.code = cells$7.code
        ORDER BY region$6.code
      ) AS layer$8
    ) AS pledge, (
      SELECT coalesce(json_agg(layer$12), CAST('[]' AS JSON)) AS coalesce_3
      FROM (
        SELECT region$10.name AS "regionName", cells$11.quantity AS quantity, cells$11.value AS value
        FROM (
          SELECT left(delivery$9.region_code, 5) AS code, sum(delivery$9.quantity) AS quantity, sum(delivery$9.value) AS value
          FROM delivery AS delivery$9
          WHERE true
          GROUP BY left(delivery$9.region_code, 5)
        ) AS cells$11
        JOIN region AS region$10 ON region$10.code = cells$11.code
        ORDER BY region$10.code
      ) AS layer$12
    ) AS distribution
  ) AS data$13
) AS data
