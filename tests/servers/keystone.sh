#!/bin/bash
# usage: keystone.sh PYTHON HOME RUN TOKEN_SECONDS
# Starts a real Keystone on 127.0.0.1. PYTHON belongs to an environment with the packages of keystone.lock. HOME keeps the
# database and the keys; they are made at the first start, and several Keystones can share them. RUN gets the files of
# this start: pid, port, access.log, output.log. Returns when Keystone responds.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=$1 token_seconds=$4
mkdir -p "$2" "$3"
home=$(cd "$2" && pwd) run=$(cd "$3" && pwd)

mkdir -p -m 700 "$home/keys"
cat > "$run/keystone.conf" << C
[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///$home/keystone.db
[auth]
methods = password,token,totp
[token]
provider = fernet
expiration = $token_seconds
caching = false
[revoke]
caching = false
[fernet_tokens]
key_repository = $home/keys
[fernet_receipts]
key_repository = $home/keys
[credential]
key_repository = $home/keys
[identity]
password_hash_rounds = 4
# Without a cache a token takes hundreds of queries. Tokens and revocations are not cached, because they expire.
[cache]
enabled = true
backend = dogpile.cache.memory
C

if [ ! -e "$home/ready" ]; then
    rm -f "$home/keystone.db" "$home/ids.json"
    "$python" - "$home/keys" << 'P'
import base64, os, sys
for name in "01":
    path = os.path.join(sys.argv[1], name)
    with open(path, "wb") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(32)))
    os.chmod(path, 0o600)
P
    manage() { PYTHONWARNINGS=ignore "$(dirname "$python")/keystone-manage" --config-file "$run/keystone.conf" "$@"; }
    { manage db_sync \
        && manage bootstrap --bootstrap-password adminpw --bootstrap-public-url http://127.0.0.1/v3 \
            --bootstrap-region-id eu-de; } > "$run/setup.log" 2>&1 || { cat "$run/setup.log" >&2; exit 1; }
    touch "$home/ready"
fi

rm -f "$run/port"
# These two variables have the prefix that clients read, so only Keystone gets them.
OS_KEYSTONE_CONFIG_DIR=$run OS_KEYSTONE_CONFIG_FILES=keystone.conf PYTHONWARNINGS=ignore \
    "$python" "$here/serve.py" "$run/port" "$run/access.log" > "$run/output.log" 2>&1 9>&- &
echo $! > "$run/pid"
for _ in $(seq 1200); do
    [ ! -e "$run/port" ] || exit 0
    kill -0 "$(cat "$run/pid")" 2> /dev/null || break
    sleep 0.05
done
echo "Keystone did not start:" >&2
tail -n 30 "$run/output.log" >&2
exit 1
