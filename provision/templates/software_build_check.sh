test -f "$IMAGE" && test -f "${IMAGE%.squashfs}.sha256"
systemctl is-active --quiet clusterbed-software.service
