# Python packages come by uv and pip, jars by jgo: each knows its registry, or is told a mirror.
set -a
[ ! -f /etc/environment ] || . /etc/environment
set +a
export DEBIAN_FRONTEND=noninteractive
missing=()
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
command -v mksquashfs >/dev/null || missing+=(squashfs-tools)
if [ ${#missing[@]} -gt 0 ]; then
  echo "@clusterbed installing ${missing[*]}"
  # A machine that has just booted may be updating itself, and holds apt's locks meanwhile.
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    apt-get -qq update && break
    test "$attempt" -lt 10
    sleep 6
  done
  apt-get -qq install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "${missing[@]}" >/dev/null
fi
options=()
[ -z "$MAVEN_MIRROR" ] || options+=(--maven-mirror "$MAVEN_MIRROR")
[ -z "$PYTHON_INDEX" ] || options+=(--index "$PYTHON_INDEX")
python3 "$SOURCE/build.py" "$IMAGE" --source "$SOURCE" --prefix "$PREFIX" "${options[@]}"
# Only the image and its digest are served, nothing else of the cache.
install -d -m 755 "$SERVED"
find "$SERVED" -mindepth 1 -delete
ln -s "$IMAGE" "${IMAGE%.squashfs}.sha256" "$SERVED/"
systemctl daemon-reload
systemctl enable --quiet clusterbed-software.service
systemctl restart clusterbed-software.service
