# "name state ended…" of one run, or of the latest.
if [ -z "$RUN" ]; then
  RUN=$(find "$RUNS" -mindepth 2 -maxdepth 2 -name plan.json -printf '%T@ %h\n' | sort -n | tail -n 1 | sed 's|.*/||')
fi
[ -n "$RUN" ] && [ -f "$RUNS/$RUN/plan.json" ] || exit 0
echo "$RUN $(systemctl is-active "clusterbed-run-$RUN.service" || true) $(cat "$RUNS/$RUN/ended" 2>/dev/null || true)"
