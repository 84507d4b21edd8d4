#!/bin/bash
# usage: tests/servers/run.sh [TEST...]
#
# Runs the tests of tests/servers/ against real peers: Keystone, nginx, tinyproxy, the official Python SDK, openstacksdk,
# and a name server that never answers. All of them listen on 127.0.0.1 at free ports and are stopped at the end, whatever happens.
# With names of tests, or parts of names, only those run.
#
# It needs Debian 12 or similar, cargo, and Python 3.11 or newer. Other missing packages (python3-venv, openssl) are
# installed with apt-get, if that is allowed. nginx and tinyproxy are used as installed, or else downloaded as packages and
# unpacked without being installed. Only a missing package needs root.
#
# Downloads are kept for the next run in CLOUDJOB_SERVERS_DIR (default: target/servers), which can be deleted at any time.
# The logs of the last run are in its folder `run`.
#
# Tests that need their own host names or their own name server run in namespaces (unshare). If these are forbidden, the
# tests are left out with a message at the end; with CI=true that is a failure.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
dir=${CLOUDJOB_SERVERS_DIR:-target/servers}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
run=$dir/run

say() { echo "servers: $*" >&2; }
fail() { say "$*"; exit 1; }

# One run at a time, because runs share the database.
exec 9> "$dir/lock"
flock -n 9 || { say "waiting for another run in $dir"; flock 9; }

stop_keystones() {
    local file pid
    for file in "$run"/keystone*/pid; do
        pid=$(cat "$file" 2> /dev/null) || continue
        # The id in a file of an earlier run may belong to another process by now.
        ! grep -qs serve.py "/proc/$pid/cmdline" || kill -TERM "$pid" 2> /dev/null || true
    done
}

# Starts a command in the background in its own process group, so that stop() ends all of its children too.
group() {
    set -m
    "$@" 9>&- &
    set +m
}

groups=()
stop() {
    local status=$? group
    trap - EXIT
    trap '' INT TERM HUP
    set +e
    for group in "${groups[@]}"; do
        kill -TERM -- "-$group" 2> /dev/null
    done
    for group in "${groups[@]}"; do
        for _ in $(seq 40); do
            kill -0 -- "-$group" 2> /dev/null || break
            sleep 0.05
        done
        kill -KILL -- "-$group" 2> /dev/null
    done
    exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Find or install the tools.

apt() { # apt-get, as root
    if [ "$(id -u)" = 0 ]; then
        DEBIAN_FRONTEND=noninteractive apt-get -qq -o APT::Sandbox::User=root "$@" > /dev/null
    elif sudo -n true 2> /dev/null; then
        sudo -n env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" > /dev/null
    else
        return 1
    fi
}

install() { # PACKAGE...
    say "installing $*"
    apt install -y --no-install-recommends "$@" || { apt update && apt install -y --no-install-recommends "$@"; } \
        || fail "cannot install $*: install by hand what of it is missing"
}

find_python() {
    for python in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        python=$(command -v "$python") \
            && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && return
    done
    return 1
}

environment() { # NAME: a virtual environment $dir/NAME with what tests/servers/NAME.lock says
    local home=$dir/$1 lock=$here/$1.lock
    local wanted
    wanted=$(echo "$home $("$python" -VV)"; cat "$lock")
    [ "$wanted" != "$(cat "$home/installed" 2> /dev/null)" ] || return 0
    say "installing the Python packages of $1.lock"
    rm -rf "$home"
    "$python" -m venv "$home"
    "$home/bin/pip" install -q --disable-pip-version-check --no-deps --no-compile -r "$lock"
    echo "$wanted" > "$home/installed"
}

unpacked() { # PACKAGE PROGRAM: downloads the package and unpacks it below $dir/unpacked
    [ ! -x "$dir/unpacked/$2" ] || return 0
    say "downloading $1"
    mkdir -p "$dir/packages" "$dir/unpacked"
    (
        cd "$dir/packages"
        rm -f "$1"_*.deb
        get() { apt-get -qq -o APT::Sandbox::User=root download "$1"; }
        get "$1" 2> /dev/null || { apt update && get "$1"; } || fail "cannot download $1: install it by hand"
        dpkg -x "$1"_*.deb "$dir/unpacked"
    )
}

program() { # NAME PACKAGE PATH: sets $program
    program=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$1") || {
        unpacked "$2" "$3"
        program=$dir/unpacked/$3
    }
}

began=$SECONDS
find_python || { install python3 python3-venv; find_python; } || fail "no Python of version 3.11 or newer"
"$python" -c 'import ensurepip' 2> /dev/null || install python3-venv
command -v openssl > /dev/null || install openssl
environment keystone
environment sdk
environment openstack
program nginx nginx usr/sbin/nginx
nginx=$program
"$nginx" -v 2> /dev/null || fail "$nginx does not run: $("$nginx" -v 2>&1)"
program tinyproxy tinyproxy-bin usr/bin/tinyproxy
tinyproxy=$program
"$tinyproxy" -v > /dev/null || fail "$tinyproxy does not run"

# Host names that look like those of the cloud and lead to this machine.
stop_keystones
rm -rf "$run"
mkdir -p "$run"
{ cat /etc/hosts; echo "127.0.0.1 ecs.eu-de.test iam.eu-de.test"; } > "$run/hosts"
# A resolver daemon would be asked before the files are read.
echo "hosts: files dns" > "$run/nsswitch.conf"
cat > "$run/in_namespace.sh" << 'S'
set -e
run=$1
shift
mount --bind "$run/hosts" "$(realpath /etc/hosts)"
[ ! -e /etc/nsswitch.conf ] || mount --bind "$run/nsswitch.conf" "$(realpath /etc/nsswitch.conf)"
exec "$@"
S
namespace=()
for way in "unshare -m" "unshare -mr"; do
    # shellcheck disable=SC2086
    if $way bash "$run/in_namespace.sh" "$run" unshare -mn true 2> "$run/unshare.log"; then
        # shellcheck disable=SC2206
        namespace=($way bash "$run/in_namespace.sh" "$run")
        break
    fi
done
skip=(--skip in_a_child)
[ ${#namespace[@]} != 0 ] || skip+=(--skip by_name)
say "everything is there after $((SECONDS - began)) s"

# Compile the tests while the servers start.
began=$SECONDS
start_servers() {
    "$here/certificates.sh" "$run/pki"
    keystone() { "$here/keystone.sh" "$dir/keystone/bin/python" "$dir/database" "$run/$1" "$2"; }
    keystone keystone 86400
    local api_port
    api_port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$python" "$here/seed.py" "http://127.0.0.1:$(cat "$run/keystone/port")/v3" "http://127.0.0.1:$api_port" \
        "$dir/database/ids.json"
    keystone keystone-short 3
    cat > "$run/servers.json" << J
{
  "run": "$run", "nginx": "$nginx", "tinyproxy": "$tinyproxy", "python": "$python", "sdk": "$dir/sdk/bin/python",
  "openstack": "$dir/openstack/bin/python",
  "keystone": $(cat "$run/keystone/port"), "keystone_short": $(cat "$run/keystone-short/port"),
  "api_port": $api_port, "ids": $(cat "$dir/database/ids.json")
}
J
}
group start_servers > "$run/start.log" 2>&1
servers=$!
groups+=("$servers")
cargo test --features cli,platform-verifier --test servers --no-run --message-format=json-render-diagnostics \
    > "$run/build.json" 9>&-
binary=$("$python" - "$run/build.json" << 'P'
import json, sys
with open(sys.argv[1]) as file:
    messages = [json.loads(line) for line in file]
print(next(it["executable"] for it in messages if it.get("executable") and it["target"]["name"] == "servers"))
P
)
wait "$servers" || { cat "$run/start.log" >&2; fail "the servers did not start"; }
say "tests and servers are ready after $((SECONDS - began)) s"

# The caller's own settings must not influence the tests.
for name in $(compgen -e); do
    case ${name^^} in
        OS_* | HW_* | HUAWEICLOUD_* | OTC_* | HTTP_PROXY | HTTPS_PROXY | ALL_PROXY | NO_PROXY | SSL_CERT_*) unset "$name" ;;
    esac
done
began=$SECONDS
CLOUDJOB_SERVERS=$run/servers.json group "${namespace[@]}" "$binary" \
    --ignored --show-output --test-threads="${CLOUDJOB_SERVERS_THREADS:-4}" "${skip[@]}" "$@"
tests=$!
groups+=("$tests")
result=0
wait "$tests" || result=$?
say "the tests took $((SECONDS - began)) s"
if [ ${#namespace[@]} = 0 ]; then
    say "LEFT OUT: the tests through proxies and with a silent name server (by_name). They need namespaces, and:"
    cat "$run/unshare.log" >&2
    [ "${CI:-}" != true ] || result=1
fi
exit "$result"
