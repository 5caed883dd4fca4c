#!/bin/sh
# The image of PostgreSQL runs this once, on an empty volume: the database and its owner, who is no superuser.
# CREATEDB, because only who has it may make roles without it.
set -eu
export OWNER_PASSWORD_FILE="${SECRETS_DIR:-/run/secrets}/ksbb_owner"
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set password `cat "$OWNER_PASSWORD_FILE"`
CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD :'password';
CREATE DATABASE ksbb OWNER steward TEMPLATE template0 ENCODING 'UTF8'
    LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE ksbb FROM PUBLIC;
SQL
