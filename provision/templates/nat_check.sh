systemctl is-enabled --quiet clusterbed-nat.service
systemctl is-active --quiet clusterbed-nat.service
test "$(cat /proc/sys/net/ipv4/ip_forward)" = 1
nft list table ip clusterbed_nat | grep -q masquerade
