SELECT (
  SELECT row_to_json(data$10) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$9) AS row_to_json_2
      FROM (
        SELECT (
          SELECT count(*) AS count_1
          FROM business AS business$7
          WHERE (business$7.search @@ websearch_to_tsquery('simple'::regconfig, $1::VARCHAR)) AND business$7.region_code >= $2::VARCHAR COLLATE "C" AND business$7.region_code < $3::VARCHAR COLLATE "C" AND (business$7.point <@ CAST($4 AS box)) AND $5::FLOAT * asin(sqrt(least(sin(radians((business$7.point)[1] - $6::FLOAT) / CAST($7::INTEGER AS NUMERIC)) * sin(radians((business$7.point)[1] - $6::FLOAT) / CAST($7::INTEGER AS NUMERIC)) + cos(radians($6::FLOAT)) * cos(radians((business$7.point)[1])) * sin(radians((business$7.point)[0] - $8::FLOAT) / CAST($9::INTEGER AS NUMERIC)) * sin(radians((business$7.point)[0] - $8::FLOAT) / CAST($9::INTEGER AS NUMERIC)), $10::FLOAT))) <= $11::FLOAT AND (business$7.has_received = $12::BOOLEAN OR NOT (EXISTS (
            SELECT delivery_recipient$8.id
            FROM delivery_recipient AS delivery_recipient$8
            WHERE delivery_recipient$8.business_id = business$7.id AND true
          ))) AND NOT coalesce(business$7.status = $13, false)
        ) AS "totalCount", (
          SELECT coalesce(json_agg(nodes$6), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$3.trade_name AS "tradeName", page$3.kbli_section AS "kbliSection", page$3.jakpreneur_stage AS "jakpreneurStage", CASE WHEN (page$3.point IS NULL) THEN NULL ELSE json_build_object('type', 'Point', 'coordinates', json_build_array((page$3.point)[0], (page$3.point)[1])) END AS point, row_to_json(one$5) AS region
            FROM (
              SELECT business$1.id AS id, business$1.jakpreneur_stage AS jakpreneur_stage, business$1.kbli_section AS kbli_section, business$1.point AS point, business$1.region_code AS region_code, business$1.trade_name AS trade_name
              FROM business AS business$1
              WHERE (business$1.search @@ websearch_to_tsquery('simple'::regconfig, $14::VARCHAR)) AND business$1.region_code >= $15::VARCHAR COLLATE "C" AND business$1.region_code < $16::VARCHAR COLLATE "C" AND (business$1.point <@ CAST($17 AS box)) AND $18::FLOAT * asin(sqrt(least(sin(radians((business$1.point)[1] - $19::FLOAT) / CAST($20::INTEGER AS NUMERIC)) * sin(radians((business$1.point)[1] - $19::FLOAT) / CAST($20::INTEGER AS NUMERIC)) + cos(radians($19::FLOAT)) * cos(radians((business$1.point)[1])) * sin(radians((business$1.point)[0] - $21::FLOAT) / CAST($22::INTEGER AS NUMERIC)) * sin(radians((business$1.point)[0] - $21::FLOAT) / CAST($22::INTEGER AS NUMERIC)), $23::FLOAT))) <= $24::FLOAT AND (business$1.has_received = $25::BOOLEAN OR NOT (EXISTS (
                SELECT delivery_recipient$2.id
                FROM delivery_recipient AS delivery_recipient$2
                WHERE delivery_recipient$2.business_id = business$1.id AND true
              ))) AND NOT coalesce(business$1.status = $26, false)
              ORDER BY business$1.kbli_section ASC, business$1.jakpreneur_stage DESC, business$1.id DESC
              LIMIT 3
            ) AS page$3
            LEFT OUTER JOIN LATERAL (
              SELECT region$4.name AS name
              FROM region AS region$4
              WHERE region$4.code = page$3.region_code
            ) AS one$5 ON true
            ORDER BY page$3.kbli_section ASC, page$3.jakpreneur_stage DESC, page$3.id DESC
          ) AS nodes$6
        ) AS nodes
      ) AS connection$9
    ) AS recipients
  ) AS data$10
) AS data
