test -f "$IMAGE"
