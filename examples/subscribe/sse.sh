#!/usr/bin/env bash
# Follow the events of KSBB Terbuka as server-sent events with curl, and lose none (docs/subscribe.md).
#
#   TOKEN=... URL=http://127.0.0.1:8000/graphql CURSOR_FILE=cursor.txt ./sse.sh
#
# Prints one line of JSON per event. Stop it and start it again with the same cursor file: it goes on where it was.
# Without TOKEN it hears what the public may hear. COUNT: stop after so many events. Needs bash and curl 7.76.

set -u
url=${URL:-http://127.0.0.1:8000/graphql}
cursor_file=${CURSOR_FILE:-cursor.txt}
left=${COUNT:--1}
failures=0

# Ask for as much of the subject as you need, like in a query: subject { ... on Complaint { status category } }
body='{"query": "subscription { events { id cursor type at left subjectId regionCode fetchInstead subject { __typename id } } }"}'

follow() { # Last-Event-ID says after which event the stream begins. The token comes by stdin: `ps` shows arguments.
  local cursor=
  [ -s "$cursor_file" ] && cursor=$(<"$cursor_file")
  curl --no-buffer --silent --show-error --fail-with-body "$url" --data "$body" \
    -H 'Content-Type: application/json' -H 'Accept: text/event-stream' \
    ${cursor:+-H "Last-Event-ID: $cursor"} -H @- <<<"${TOKEN:+Authorization: Bearer $TOKEN}"
}

store() { # the old cursor or the new one, never half of it
  printf '%s' "$1" >"$cursor_file.new" && mv "$cursor_file.new" "$cursor_file"
}

handle() { # What you do with an event: here it is printed.
  # An event that was processed when the program was killed before its cursor was stored comes again: do something that
  # may be repeated, or keep the ids of the events, and drop what you have.
  printf '%s\n' "$1"
}

end() { # Errors with a cursor end a stream that was under way: it may be taken up again, but not without a token.
  echo "$1" >&2
  case $1 in
    *'"TOKEN_ENDED"'*) exit 1 ;;
    *'"cursor"'* | *'"INTERNAL_SERVER_ERROR"'* | *'"TOO_MANY_CONNECTIONS"'* | *_UNAVAILABLE\"*) ;;
    *) exit 1 ;;
  esac
}

while [ "$left" -ne 0 ]; do
  exec 3< <(follow)
  curl_runs=$!
  id='' data=''
  # The server sends a comment after 15 s of silence: who hears nothing for three times as long is cut off.
  while [ "$left" -ne 0 ] && { IFS= read -r -t 45 line <&3 || [ -n "$line" ]; }; do
    case $line in
      'id: '*) id=${line#id: } ;;
      'data: '*) data=${line#data: } ;;
      '{'*) end "$line" ;; # no stream but a refusal
      '') # an empty line ends a block; the first block has no data: it says where the stream begins
        case $data in
          '{"errors"'*) end "$data" ;;
          '{'*)
            data=${data#'{"data":{"events":'}
            handle "${data%'}}'}"
            left=$((left - 1)) failures=0
            ;;
        esac
        # Only now: whoever stores the cursor first and is stopped in between has lost an event.
        [ -n "$id" ] && store "$id"
        id='' data=''
        ;;
    esac
  done
  kill "$curl_runs" 2>/dev/null
  exec 3<&-
  if [ "$left" -ne 0 ]; then
    pause=$((failures < 5 ? 1 << failures : 30))
    failures=$((failures + 1))
    echo "The stream ended; again in $pause s" >&2
    sleep "$pause"
  fi
done
