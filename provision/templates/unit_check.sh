systemctl is-enabled --quiet "$UNIT"
case $(systemctl is-active "$UNIT") in active | activating | reloading) ;; *) exit 1 ;; esac
