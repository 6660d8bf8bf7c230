-- Run once by the postgres image, when its data directory is new: the two roles and the database (README, "Production"). psql reads the
-- passwords from files that docker/prepare.sh wrote, so that they stand in no argument and in no environment.
\set ON_ERROR_STOP on
\set owner_password `cat /run/wardroom/owner.password`
\set service_password `cat /run/wardroom/service.password`
CREATE ROLE wardroom_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE wardroom_service LOGIN PASSWORD :'service_password';
GRANT wardroom_service TO wardroom_owner;
CREATE DATABASE wardroom OWNER wardroom_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE CONNECT ON DATABASE wardroom FROM PUBLIC;
GRANT CONNECT ON DATABASE wardroom TO wardroom_service;
