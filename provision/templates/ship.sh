# The wheel comes on standard input. One that is here already is left as it is.
target=$ROOT/$FINGERPRINT
if [ -d "$target" ]; then
  cat >/dev/null
else
  install -d -m 755 "$ROOT"
  part=$(mktemp -d "$ROOT/.part-XXXXXX")
  trap 'rm -rf "$part"' EXIT
  cat >"$part/wheel.zip"
  python3 -m zipfile -e "$part/wheel.zip" "$part/tree"
  "$PYTHON" -m compileall -q -s "$part/tree" -p "$target" "$part/tree"
  chmod -R a+rX "$part/tree"
  mv -T "$part/tree" "$target"
fi
ln -sfn "$FINGERPRINT" "$ROOT/.current"
mv -T "$ROOT/.current" "$ROOT/current"
