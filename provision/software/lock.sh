#!/usr/bin/env bash
# Makes the locks again after a change of a *.in file or pom.xml. Needs uv and Maven on the path.
set -euo pipefail
cd "$(dirname "$0")"

compile() { uv pip compile --quiet --upgrade --generate-hashes --no-annotate --no-header "$@"; }

compile --python-version 3.12 --python-platform x86_64-manylinux_2_28 requirements.in -o requirements.txt
compile --python-version 3.12 --python-platform x86_64-manylinux_2_28 backends.in -o backends.txt
compile --python-version 3.10 --universal tools.in -o tools.txt

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mvn --quiet --batch-mode --file pom.xml dependency:list \
  -DincludeScope=runtime -DoutputAbsoluteArtifactFilename=true -DoutputFile="$scratch/list"
{
  echo "# group artifact version classifier sha256; made by lock.sh from pom.xml"
  # "   group:artifact:jar[:classifier]:version:scope:/path", some with " -- module …" behind
  sed -nE 's/^ +([^:]+):([^:]+):jar:(([^:]+):)?([^:]+):(compile|runtime):(\/[^ ]+).*/\1 \2 \5 \4 \7/p' "$scratch/list" |
    awk 'NF == 4 { $5 = $4; $4 = "-" } { print }' |
    grep -vE ' (osx|linux-aarch_64|linux-riscv64)[^ ]* ' |
    sort |
    while read -r group artifact version classifier path; do
      echo "$group $artifact $version $classifier $(sha256sum <"$path" | cut -d' ' -f1)"
    done
} >hadoop.lock
