test "$(hostname)" = "$NAME"
test "$(cat /etc/hostname)" = "$NAME"
test "$(sed -n '/^# clusterbed begin/,/^# clusterbed end/p' /etc/hosts)" = "$BLOCK"
