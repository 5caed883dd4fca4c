// Asks a server everything that the audits of graphql-http ask; prints one JSON object per audit.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2] });
for (const { id, name, status, reason, response } of results) {
  const told = status === "ok" ? {} : { reason, status_code: response.status };
  console.log(JSON.stringify({ id, name, status, ...told }));
}
