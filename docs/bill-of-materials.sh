#!/bin/sh
# What Clasio is made of, as CycloneDX: docs/bill-of-materials.sh FOLDER writes python.cdx.json (every pinned package with
# its hashes) and pages.cdx.json (what the pages are built from). Needs .venv, which any ./clasio command makes, and the
# package index.
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

.venv/bin/python -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet cyclonedx-bom==7.5.0
"$work/venv/bin/cyclonedx-py" requirements --output-reproducible --output-file "$folder/python.cdx.json" requirements.txt

cp -R reflex.lock "$work/pages"
PATH="$PWD/.venv/bin:$PATH"
version=$(python -c 'import clasio_backend; print(clasio_backend.VERSION)')
cd "$work/pages"
npm pkg set "version=$version" # npm describes nothing that has no version
npm sbom --package-lock-only --legacy-peer-deps --sbom-format cyclonedx >"$folder/pages.cdx.json"
