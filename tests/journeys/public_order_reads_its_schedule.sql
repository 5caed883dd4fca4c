SELECT (
  SELECT row_to_json(data$15) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$9) AS row_to_json_2
      FROM (
        SELECT (
          SELECT count(*) AS count_1
          FROM delivery AS delivery$8
          WHERE delivery$8.scheduled_on = $1::DATE AND delivery$8.region_code >= $2::VARCHAR COLLATE "C" AND delivery$8.region_code < $3::VARCHAR COLLATE "C"
        ) AS "totalCount", (
          SELECT coalesce(json_agg(nodes$7), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$2.package_kind AS "packageKind", page$2.item AS item, page$2.quantity AS quantity, page$2.delivered_on AS "deliveredOn", row_to_json(one$4) AS place, row_to_json(one$6) AS region
            FROM (
              SELECT delivery$1.delivered_on AS delivered_on, delivery$1.id AS id, delivery$1.item AS item, delivery$1.package_kind AS package_kind, delivery$1.place_id AS place_id, delivery$1.quantity AS quantity, delivery$1.region_code AS region_code
              FROM delivery AS delivery$1
              WHERE delivery$1.scheduled_on = $4::DATE AND delivery$1.region_code >= $5::VARCHAR COLLATE "C" AND delivery$1.region_code < $6::VARCHAR COLLATE "C"
              ORDER BY delivery$1.region_code ASC, delivery$1.item ASC, delivery$1.id ASC
              LIMIT 20
            ) AS page$2
            LEFT OUTER JOIN LATERAL (
              SELECT place$3.kind AS kind, place$3.name AS name, CASE WHEN (place$3.point IS NULL) THEN NULL ELSE json_build_object('type', 'Point', 'coordinates', json_build_array((place$3.point)[0], (place$3.point)[1])) END AS point
              FROM place AS place$3
              WHERE place$3.id = page$2.place_id
            ) AS one$4 ON true
            LEFT OUTER JOIN LATERAL (
              SELECT region$5.name AS name, CASE WHEN (region$5.centre IS NULL) THEN NULL ELSE json_build_object('type', 'Point', 'coordinates', json_build_array((region$5.centre)[0], (region$5.centre)[1])) END AS centre
              FROM region AS region$5
              WHERE region$5.code = page$2.region_code
            ) AS one$6 ON true
            ORDER BY page$2.region_code ASC, page$2.item ASC, page$2.id ASC
          ) AS nodes$7
        ) AS nodes
      ) AS connection$9
    ) AS deliveries, (
      SELECT coalesce(json_agg(page$14), CAST('[]' AS JSON)) AS coalesce_2
      FROM (
        SELECT json_build_object('scheduledOnDay', groups$12."scheduledOnDay$", 'kelurahanName', region$13.name, 'placeName', groups$12."placeName$") AS keys, groups$12.count AS count, groups$12.quantity AS quantity
        FROM (
          SELECT delivery$10.scheduled_on AS "scheduledOnDay$", left(delivery$10.region_code, 13) AS "kelurahanCode$", place$11.public_id AS "placeId$", place$11.name AS "placeName$", count(*) AS count, json_build_object('sum', sum(delivery$10.quantity)) AS quantity
          FROM delivery AS delivery$10
          LEFT OUTER JOIN place AS place$11 ON place$11.id = delivery$10.place_id
          WHERE delivery$10.scheduled_on >= $7::DATE AND delivery$10.scheduled_on <= $8::DATE AND delivery$10.region_code >= $9::VARCHAR COLLATE "C" AND delivery$10.region_code < $10::VARCHAR COLLATE "C"
          GROUP BY delivery$10.scheduled_on, left(delivery$10.region_code, 13), place$11.public_id, place$11.name
          HAVING true
        ) AS groups$12
        LEFT OUTER JOIN region AS region$13 ON region$13.code = groups$12."kelurahanCode$"
        ORDER BY groups$12."scheduledOnDay$", groups$12."kelurahanCode$", groups$12."placeId$", groups$12."placeName$"
        LIMIT 100
      ) AS page$14
    ) AS "deliveryGroups"
  ) AS data$15
) AS data
