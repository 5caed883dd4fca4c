// What the programs beside this one share: what they are asked for, and how they print what they hear.

// url of the API over HTTP, bearer token, number of events to wait for, and optionally a document of its own.
export const [url, token, count, document] = process.argv.slice(2);

export const socketUrl = url.replace(/^http/, "ws");

export const authorization = { Authorization: `Bearer ${token}` };

export const query =
  document ??
  `subscription Complaints($after: String) {
    events(after: $after, types: [ComplaintFiled]) { id cursor type subject { ... on Complaint { id status } } }
  }`;

export const variables = document ? {} : { after: "BEGINNING" };

let heard = 0;

// Prints one result as a line; ends the program when it has heard enough, or that something is wrong.
export function tell({ data, errors }) {
  if (errors) return fail(errors);
  console.log(JSON.stringify(data.events));
  heard += 1;
  if (heard === Number(count)) process.exit(0);
}

// Prints what is wrong, as far as the client passes it on: GraphQL errors, or the code with which a socket closed.
export function fail(error) {
  const errors = error?.graphQLErrors ?? error?.errors ?? error;
  const told = Array.isArray(errors) ? { code: errors[0].extensions.code } : { code: error?.code, text: String(error) };
  console.log(JSON.stringify({ failed: told }));
  process.exit(0);
}
