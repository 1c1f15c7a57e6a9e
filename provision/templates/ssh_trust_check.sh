home=$(getent passwd "$LOGIN" | cut -d: -f6)
grep -qxF -- "$head_ssh_key" "$home/.ssh/authorized_keys"
test "$(cat /etc/ssh/ssh_known_hosts)" = "$known_hosts"
