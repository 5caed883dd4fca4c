WITH answer$14 AS MATERIALIZED (
  SELECT (
    SELECT row_to_json(data$13) AS row_to_json_1
    FROM (
      SELECT (
        SELECT coalesce(json_agg(page$12), CAST('[]' AS JSON)) AS coalesce_1
        FROM (
          SELECT json_build_object('fintechName', groups$10."fintechName$", 'kotaName', region$11.name) AS keys, groups$10.count AS count, groups$10.portfolio AS portfolio
          FROM (
            SELECT institution$2.public_id AS "fintechId$", institution$2.name AS "fintechName$", left(loan$1.region_code, 5) AS "kotaCode$", count(*) AS count, json_build_object('loans', count(state$9.principal), 'disbursed', coalesce(sum(state$9.principal), 0), 'outstanding', coalesce(sum(state$9.outstanding), 0), 'overduePrincipal', coalesce(sum(state$9.overdue), 0), 'twp90', round((CAST(sum(state$9.outstanding_over_90) AS NUMERIC) * 100) / CAST(nullif(sum(state$9.outstanding), 0) AS NUMERIC), 2), 'tkb90', 100 - round((CAST(sum(state$9.outstanding_over_90) AS NUMERIC) * 100) / CAST(nullif(sum(state$9.outstanding), 0) AS NUMERIC), 2)) AS portfolio
            FROM loan AS loan$1
            LEFT OUTER JOIN institution AS institution$2 ON institution$2.id = loan$1.fintech_id
            LEFT OUTER JOIN LATERAL (
              SELECT loan$1.principal AS principal, paid$4.repaid AS repaid, due$8.due_to_date AS due_to_date, greatest(loan$1.principal - paid$4.repaid, 0) AS outstanding, greatest(due$8.due_to_date - paid$4.repaid, 0) AS overdue, CASE WHEN (greatest(loan$1.principal - paid$4.repaid, 0) > 0 AND due$8.oldest_open < $6::DATE) THEN $6::DATE - due$8.oldest_open ELSE 0 END AS days_past_due, CASE WHEN (CASE WHEN (greatest(loan$1.principal - paid$4.repaid, 0) > 0 AND due$8.oldest_open < $6::DATE) THEN $6::DATE - due$8.oldest_open ELSE 0 END > 90) THEN greatest(loan$1.principal - paid$4.repaid, 0) ELSE 0 END AS outstanding_over_90
              FROM LATERAL (
                SELECT coalesce(sum(repayment$3.amount), 0) AS repaid
                FROM repayment AS repayment$3
                WHERE repayment$3.loan_id = loan$1.id AND repayment$3.paid_on <= $6::DATE
              ) AS paid$4
              JOIN LATERAL (
                SELECT coalesce(sum(schedule$7.principal) FILTER (WHERE schedule$7.due_on <= $6::DATE), 0) + coalesce(max(loan$1.principal - schedule$7.scheduled), 0) AS due_to_date, min(schedule$7.due_on) FILTER (WHERE schedule$7.cumulated + (loan$1.principal - schedule$7.scheduled) > paid$4.repaid) AS oldest_open
                FROM (
                  SELECT instalment$5.due_on AS due_on, instalment$5.principal AS principal, sum(instalment$5.principal) OVER (ORDER BY instalment$5.due_on, instalment$5.number) AS cumulated, sum(instalment$5.principal) OVER () AS scheduled
                  FROM instalment AS instalment$5
                  WHERE instalment$5.loan_id = loan$1.id AND instalment$5.schedule = (
                    SELECT max(instalment$6.schedule) AS max_1
                    FROM instalment AS instalment$6
                    WHERE instalment$6.loan_id = loan$1.id AND (instalment$6.effective_on IS NULL OR instalment$6.effective_on <= $6::DATE)
                  )
                ) AS schedule$7
              ) AS due$8 ON true
              WHERE loan$1.disbursed_on <= $6::DATE AND loan$1.status != 'BATAL'
            ) AS state$9 ON true
            WHERE true
            GROUP BY institution$2.public_id, institution$2.name, left(loan$1.region_code, 5)
            HAVING true
          ) AS groups$10
          LEFT OUTER JOIN region AS region$11 ON region$11.code = groups$10."kotaCode$"
          ORDER BY groups$10."fintechId$", groups$10."fintechName$", groups$10."kotaCode$"
          LIMIT 100
        ) AS page$12
      ) AS "loanGroups"
    ) AS data$13
  ) AS data
) SELECT answer$14.data, log_read($1::UUID, $2::VARCHAR, $3::VARCHAR, $4::TEXT[], CAST(0 + json_array_length(answer$14.data -> $5::VARCHAR) AS INTEGER)) AS log_read_1
FROM answer$14
