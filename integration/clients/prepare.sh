# For the run scripts: builds a program once, outside of the repository, and says where. Sourced with the program's folder and version.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
cache=${ODRADEK_CLIENTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/odradek-clients}/$(basename "$here")-${1:-any}
mkdir -p "$cache"
cd "$here"

# NAME KEY COMMAND…: runs the command, unless it has come to its end with this key before.
once() {
  local done=$cache/$1.done key=$2
  shift 2
  if [ "$(cat "$done" 2>/dev/null)" = "$key" ]; then return; fi
  rm -f "$done"
  "$@" >&2
  echo "$key" >"$done"
}

hash_of() { cat "$@" | sha256sum | cut -c1-16; }

# Libraries of pom.xml into $cache/libs, the Java files named into $cache/classes.
java_program() {
  local version=$1
  shift
  once libs "$version-$(hash_of pom.xml)" mvn -q -B dependency:copy-dependencies "-Dclients.version=$version" "-DoutputDirectory=$cache/libs"
  once classes "$(hash_of "$@")-$version" javac -nowarn -Xlint:none -cp "$cache/libs/*" -d "$cache/classes" "$@"
}
run_java() { exec java -Xmx"${HEAP:-256m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$cache/classes:$cache/libs/*" "$@"; }

# The packages named into a virtual environment, $cache/venv.
python_program() { once venv "$*" new_venv "$@"; }
new_venv() {
  rm -rf "$cache/venv"
  python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" install --quiet --disable-pip-version-check "$@"
}

# main.go with go.mod into $cache/program; Go sees for itself what is new.
go_program() { go build -o "$cache/program" . >&2; }

# The packages named into $cache/node_modules, and the program beside them, where it finds them.
node_program() {
  local file=$1
  shift
  once packages "$*" new_packages "$@"
  cp "$file" "$cache/"
}
new_packages() {
  rm -rf "$cache/node_modules"
  (cd "$cache" && echo '{"private":true}' >package.json && npm install --no-audit --no-fund --loglevel=error "$@")
}

# The package here into $cache/target; cargo sees for itself what is new.
rust_program() { CARGO_TARGET_DIR=$cache/target cargo build --quiet --locked >&2; }
