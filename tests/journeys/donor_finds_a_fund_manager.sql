SELECT (
  SELECT row_to_json(data$14) AS row_to_json_1
  FROM (
    SELECT (
      SELECT row_to_json(connection$13) AS row_to_json_2
      FROM (
        SELECT (
          SELECT count(*) AS count_1
          FROM institution AS institution$12
          WHERE institution$12.kind = $1
        ) AS "totalCount", (
          SELECT coalesce(json_agg(nodes$11), CAST('[]' AS JSON)) AS coalesce_1
          FROM (
            SELECT page$2.name AS name, page$2.legal_form AS "legalForm", page$2.permit_number AS "permitNumber", page$2.regulator AS regulator, page$2.email AS email, page$2.phone AS phone, page$2.account AS account, (
              SELECT row_to_json(connection$6) AS row_to_json_3
              FROM (
                SELECT (
                  SELECT coalesce(json_agg(nodes$5), CAST('[]' AS JSON)) AS coalesce_2
                  FROM (
                    SELECT page$4.package_kind AS "packageKind", page$4.status AS status, page$4.decided_on AS "decidedOn"
                    FROM (
                      SELECT accreditation$3.decided_on AS decided_on, accreditation$3.id AS id, accreditation$3.package_kind AS package_kind, accreditation$3.status AS status
                      FROM accreditation AS accreditation$3
                      WHERE accreditation$3.institution_id = page$2.id
                      ORDER BY accreditation$3.id ASC
                      LIMIT 20
                    ) AS page$4
                    ORDER BY page$4.id ASC
                  ) AS nodes$5
                ) AS nodes
              ) AS connection$6
            ) AS accreditations, (
              SELECT row_to_json(connection$10) AS row_to_json_4
              FROM (
                SELECT (
                  SELECT coalesce(json_agg(nodes$9), CAST('[]' AS JSON)) AS coalesce_3
                  FROM (
                    SELECT page$8.number AS number, page$8.starts_on AS "startsOn", page$8.ends_on AS "endsOn"
                    FROM (
                      SELECT agreement$7.ends_on AS ends_on, agreement$7.id AS id, agreement$7.number AS number, agreement$7.starts_on AS starts_on
                      FROM agreement AS agreement$7
                      WHERE agreement$7.institution_id = page$2.id
                      ORDER BY agreement$7.id ASC
                      LIMIT 20
                    ) AS page$8
                    ORDER BY page$8.id ASC
                  ) AS nodes$9
                ) AS nodes
              ) AS connection$10
            ) AS agreements
            FROM (
              SELECT institution$1.account AS account, institution$1.email AS email, institution$1.id AS id, institution$1.legal_form AS legal_form, institution$1.name AS name, institution$1.permit_number AS permit_number, institution$1.phone AS phone, institution$1.regulator AS regulator
              FROM institution AS institution$1
              WHERE institution$1.kind = $2
              ORDER BY institution$1.name ASC, institution$1.id ASC
              LIMIT 3
            ) AS page$2
            ORDER BY page$2.name ASC, page$2.id ASC
          ) AS nodes$11
        ) AS nodes
      ) AS connection$13
    ) AS institutions
  ) AS data$14
) AS data
