#!/bin/sh
# Makes the passwords of docker/compose.yaml, once, each for the user of the container that reads it: sudo sh docker/prepare.sh
# What is there already is kept. Wardroom makes its own keys at its first start, beside its database.url: back up secrets/.
set -eu
umask 077
# Ids inside the images: docker/Dockerfile; the postgres image. Others where containers get other ids (user namespaces).
wardroom=${WARDROOM_UID:-10001}
postgres=${POSTGRES_UID:-999}
cd "$(dirname "$0")"

for name in wardroom:$wardroom owner:$wardroom postgres:$postgres; do
  install -d -m 0700 -o "${name#*:}" -g "${name#*:}" "secrets/${name%:*}"
done

# secret FILE USER CONTENT
secret() {
  [ -s "$1" ] || printf '%s\n' "$3" > "$1"
  chown "$2:$2" "$1"
  chmod 0600 "$1"
}
random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

for name in superuser owner service; do
  secret "secrets/postgres/$name.password" "$postgres" "$(random)"
done
url() { printf 'postgresql://%s:%s@postgres/wardroom' "$1" "$(cat "secrets/postgres/$2.password")"; }
secret secrets/wardroom/database.url "$wardroom" "$(url wardroom_service service)"
secret secrets/owner/database-owner.url "$wardroom" "$(url wardroom_owner owner)"
