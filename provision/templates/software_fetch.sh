# From the head, over the private network, unless it is here; the digest came by SSH.
install -d -m 755 "$(dirname "$IMAGE")"
python3 "$FETCH" "$URL" "$IMAGE" "$software_sha256"
