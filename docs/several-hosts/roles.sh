#!/bin/sh
# Makes Clasio's roles and its database, as a superuser; Postgres's image runs this when its volume is new.
# OWNER_PASSWORD and APP_PASSWORD come from the environment, the server to use from PGHOST and the like.
set -eu
psql -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d postgres \
    -v owner_password="$OWNER_PASSWORD" -v app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE clasio_owner LOGIN CREATEROLE PASSWORD :'owner_password';
CREATE ROLE clasio_app LOGIN PASSWORD :'app_password';
CREATE DATABASE clasio OWNER clasio_owner;
REVOKE CONNECT ON DATABASE clasio FROM PUBLIC;
GRANT CONNECT ON DATABASE clasio TO clasio_app;
SQL
