#!/bin/sh
# Runs every test, on a machine that has nothing but Rust and a C compiler, and compares with the real Alembic over published
# packages (from the Python package index).
#
# The tests start PostgreSQL servers of their own. Where there are no server programs they are installed from the
# distribution's packages (as root, or through sudo). Nothing outside a temporary directory is changed otherwise.
set -eu
cd "$(dirname "$0")/.."

server() {
    command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb /usr/pgsql*/bin/initdb 2>/dev/null
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        env "$@"
    elif command -v sudo >/dev/null; then
        sudo env "$@"
    else
        echo "ci/test.sh: PostgreSQL's server and the openssl command are needed; install them, or run this as root" >&2
        exit 1
    fi
}

if [ -z "$(server)" ] || ! command -v psql >/dev/null || ! command -v openssl >/dev/null; then
    if ! command -v apt-get >/dev/null; then
        echo "ci/test.sh: install PostgreSQL's server, its contrib modules, psql and openssl, then run this again" >&2
        exit 1
    fi
    echo "installing postgresql and openssl"
    # no server of the distribution's own: only its programs are wanted
    as_root sh -c 'mkdir -p /etc/postgresql-common && { grep -qs create_main_cluster /etc/postgresql-common/createcluster.conf ||
        echo "create_main_cluster = false" >>/etc/postgresql-common/createcluster.conf; }'
    as_root apt-get -qq update
    as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install \
        postgresql postgresql-contrib openssl >/dev/null
fi

if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    echo "installing python3-venv, for the comparison with Alembic"
    as_root apt-get -qq update
    as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install python3-venv >/dev/null
fi

if ! command -v zsh >/dev/null || ! command -v fish >/dev/null; then
    if ! command -v apt-get >/dev/null; then
        echo "ci/test.sh: install zsh and fish, whose completions are tested, then run this again" >&2
        exit 1
    fi
    echo "installing zsh and fish"
    as_root apt-get -qq update
    as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install zsh fish >/dev/null
fi

log=${CARGO_TARGET_DIR:-target}/test.log
mkdir -p "$(dirname "$log")"

# A step's whole output goes into the log; the screen shows a line, and the log's end when the step fails.
step() {
    name=$1
    shift
    printf '%-8s' "$name"
    if "$@" >"$log" 2>&1; then
        echo ok
    else
        echo FAILED
        tail -n 200 "$log"
        return 1
    fi
}

failed=0
step format cargo fmt --check || failed=1
step lint cargo clippy --locked --all-targets -- -D warnings || failed=1
step build cargo build --locked --all-targets || exit 1

printf '%-8s\n' tests
if cargo test --locked --no-fail-fast >"$log" 2>&1; then tests=0; else tests=1; fi
grep -E '^ +(Running|Doc-tests) |^test result: ' "$log" | paste -d ' ' - - |
    sed -E 's/^ +Running (unittests )?//; s/ \(target[^)]*\)//; s/test result: //; s/; 0 (ignored|measured|filtered out)//g'
if [ "$tests" != 0 ]; then
    failed=1
    sed -n '/^failures:$/,/^test result: /p' "$log" | tail -n 300
    grep -E '^error' "$log" || true
fi
awk '/^test result: / { passed += $4; failed += $6; ignored += $8 }
    END { printf "%d passed, %d failed, %d ignored\n", passed, failed, ignored }' "$log"

# Against the real Alembic over published packages; needs the package index.
step conform python3 conformance/run.py --binary "${CARGO_TARGET_DIR:-target}/debug/aludel" || failed=1
sed -n '/^same \|^worse: /p' "$log"

# Batch mode on SQLite against the same Alembic; --tables 1000 without --seed is the long way.
step batches target/conformance/venv/bin/python conformance/batch_safety.py "${CARGO_TARGET_DIR:-target}/debug/aludel" --tables 100 --seed 1 || failed=1
sed -n '/^seed .*tables/p' "$log"
exit "$failed"
