home=$(getent passwd "$LOGIN" | cut -d: -f6)
test -f "$home/.ssh/id_rsa" && cmp -s "$home/.ssh/id_rsa.pub" "$PUBLISHED"
