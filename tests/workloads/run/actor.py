"""Plays the process of a case: does what the file named by ACTOR_SCRIPT says for its experiment.

The script is a list of steps; a step is a message to send, or `hang`, `crash`, `die`.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--messages", type=int)
parser.add_argument("--run-dir", type=Path)
parser.add_argument("--experiment")
parser.add_argument("--first", type=int)
parser.add_argument("--lost", nargs="*")
arguments = parser.parse_args()
print(f"log of {arguments.experiment}", flush=True)
script = json.loads(Path(os.environ["ACTOR_SCRIPT"]).read_text())[arguments.experiment]
with os.fdopen(arguments.messages, "w") as pipe:
    for variant in ("expert", "literal")[arguments.first :]:
        for step in [] if variant in arguments.lost else script.get(variant, []):
            if step == "hang":
                time.sleep(600)
            elif step == "crash":
                sys.exit(3)
            elif step == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            else:
                pipe.write(json.dumps(step) + "\n")
                pipe.flush()
    pipe.write('{"kind": "ended"}\n')
