#!/bin/bash
# usage: certificates.sh DIR
# Makes a certificate authority in DIR (ca.pem) and three server certificates issued by it, each NAME.pem and NAME.key:
# `good`, `expired` (valid for one month of 2020), and `other` (for another host name than the tests use).
set -euo pipefail
mkdir -p "$1"
cd "$1"
umask 077

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2> /dev/null; }

cat > ca.conf <<'C'
[req]
distinguished_name = name
x509_extensions = authority
prompt = no
[name]
CN = cloudjob test authority
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ca]
default_ca = issue
[issue]
new_certs_dir = .
database = index.txt
certificate = ca.pem
private_key = ca.key
rand_serial = yes
unique_subject = no
default_md = sha256
policy = anything
[anything]
commonName = supplied
C
: > index.txt
new_key ca.key
openssl req -x509 -new -config ca.conf -key ca.key -sha256 -days 3650 -out ca.pem

issue() { # NAME SUBJECT_ALTERNATIVE_NAMES FROM TO
    new_key "$1.key"
    openssl req -new -config ca.conf -key "$1.key" -subj "/CN=$1" -out "$1.csr"
    printf 'basicConstraints = critical, CA:FALSE\nextendedKeyUsage = serverAuth\nsubjectAltName = %s\n' "$2" > "$1.ext"
    openssl ca -batch -notext -config ca.conf -extfile "$1.ext" -startdate "$3" -enddate "$4" \
        -in "$1.csr" -out "$1.pem" > "$1.log" 2>&1 || { cat "$1.log" >&2; return 1; }
}

names=DNS:localhost,DNS:ecs.eu-de.test,DNS:iam.eu-de.test,IP:127.0.0.1
issue good "$names" 20240101000000Z 20491231235959Z
issue expired "$names" 20200101000000Z 20200201000000Z
issue other DNS:someone-else.test 20240101000000Z 20491231235959Z
