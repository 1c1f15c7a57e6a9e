from __future__ import annotations

import subprocess

from hypothesis import given
from hypothesis import strategies as st

from provision.step import File, Step, shell

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_every_value_arrives_as_it_is(values: list[str]) -> None:
    names = [f"VALUE_{number}" for number in range(len(values))]
    text = shell(
        "printf '%s\\0' " + " ".join(f'"${name}"' for name in names), dict(zip(names, values, strict=True))
    )
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == values


def test_the_fingerprint_is_of_what_the_step_makes() -> None:
    step = Step("one", "text", apply="a", check="b", files=(File("/x", "y"),))
    same = Step("one", "other text", apply="a", check="b", files=(File("/x", "y"),), deadline_s=1.0)
    assert step.fingerprint == same.fingerprint
    for other in (
        Step("one", "text", apply="a2", check="b", files=(File("/x", "y"),)),
        Step("one", "text", apply="a", check="b2", files=(File("/x", "y"),)),
        Step("one", "text", apply="a", check="b", files=(File("/x", "z"),)),
        Step("one", "text", apply="a", check="b", files=(File("/x", "y", 0o600),)),
    ):
        assert other.fingerprint != step.fingerprint
