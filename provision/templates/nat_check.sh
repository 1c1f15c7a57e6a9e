systemctl is-enabled --quiet clusterbed-nat.service
systemctl is-active --quiet clusterbed-nat.service
test "$(cat /proc/sys/net/ipv4/ip_forward)" = 1
# Not a pipe: `grep -q` would end nft in the middle, and the check with it.
rules=$(nft list table ip clusterbed_nat)
[[ $rules == *masquerade* ]]
