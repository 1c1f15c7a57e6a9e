systemctl stop "clusterbed-run-$RUN.service"
