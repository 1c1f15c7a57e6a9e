#!/bin/bash
# Spark 4.3 passes --add-modules=jdk.incubator.vector to every JVM, without a setting to leave it out. A JRE
# made by jlink has no such module and would not start; Spark does without it where it is not there.
arguments=()
for argument; do
  [ "$argument" = --add-modules=jdk.incubator.vector ] || arguments+=("$argument")
done
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../jre/bin/java" "${arguments[@]}"
