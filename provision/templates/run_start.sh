# The plan comes on standard input. Two runs at once would measure each other.
exec 9>"$RUNS/.lock"
flock 9
going_on=$(systemctl list-units --plain --no-legend --state=active,activating,deactivating 'clusterbed-run-*' | cut -d' ' -f1)
if [ -n "$going_on" ]; then
  echo "$going_on"
  exit 3
fi
install -d -m 755 -o "$ACCOUNT" -g "$ACCOUNT" "$RUNS/$RUN"
cat >"$RUNS/$RUN/plan.json"
rm -f "$RUNS/$RUN/ended"
systemd-run --quiet --collect --unit="clusterbed-run-$RUN" --description="Run $RUN" \
  --uid="$ACCOUNT" --gid="$ACCOUNT" \
  --property=Type=exec --property=WorkingDirectory="$RUNS/$RUN" \
  --property=EnvironmentFile=-/etc/environment --property=EnvironmentFile="$ENVIRONMENT" \
  --property=LogRateLimitIntervalSec=0 --property=KillMode=mixed --property=TimeoutStopSec=60 \
  --property='ExecStopPost=/bin/sh -c "echo $$SERVICE_RESULT $$EXIT_STATUS >ended"' \
  --setenv=PYTHONPATH="$WORKLOADS" --setenv=PYTHONUNBUFFERED=1 \
  "$PYTHON" -m clusterbed_workloads run --plan "$RUNS/$RUN/plan.json" --runs "$RUNS" 9>&-
