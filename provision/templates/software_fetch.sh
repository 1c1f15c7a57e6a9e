# From the head, over the private network; the digest came by SSH.
install -d -m 755 "$(dirname "$IMAGE")"
if [ ! -f "$IMAGE" ] || ! echo "$software_sha256  $IMAGE" | sha256sum --check --status; then
  echo "@clusterbed fetching the software image from the head"
  python3 "$FETCH" "$URL" "$IMAGE" "$software_sha256"
fi
