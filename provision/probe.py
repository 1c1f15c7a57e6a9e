"""The program that asks the services how they are, on the head, in one round trip.

`health.py` sends its text over SSH with the questions; it imports nothing of this project (standard
library of Python 3.10). Every second it writes one line of JSON, {name: answer or {"error": …}}, until its
input ends.
"""

from __future__ import annotations

import json
import select
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

ANSWER_S = 5.0
INTERVAL_S = 1.0


def ask(url: str) -> Any:
    """What a service answers; its error in place of an answer is one too."""
    # Proxies are for the outside, not for the cluster's own services.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=ANSWER_S) as response:
            return json.load(response)
    except (OSError, ValueError) as error:
        return {"error": str(error)}


def main(questions: dict[str, str]) -> None:
    """Ask all questions at once, again and again."""
    with ThreadPoolExecutor(len(questions)) as pool:
        while True:
            answers = dict(zip(questions, pool.map(ask, questions.values()), strict=True))
            print(json.dumps(answers), flush=True)
            readable, _, _ = select.select([sys.stdin], [], [], INTERVAL_S)
            if readable:
                return


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
