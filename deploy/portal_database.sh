#!/bin/sh
# The image of PostgreSQL runs this once, on an empty volume: the two databases of CKAN, their owner and their reader.
set -eu
export SECRETS="${SECRETS_DIR:-/run/secrets}"
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set password `cat "$SECRETS/portal_owner"`
CREATE ROLE ckan LOGIN PASSWORD :'password';
\set password `cat "$SECRETS/portal_reader"`
CREATE ROLE datastore_reader LOGIN PASSWORD :'password';
CREATE DATABASE ckan OWNER ckan TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
CREATE DATABASE datastore OWNER ckan TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
SQL
