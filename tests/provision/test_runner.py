"""The runner and the agent, on this machine: no SSH, no root, but the real programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from provision.exchange import Exchange
from provision.machine import ConnectionLostError
from provision.runner import Outcome, StepError, run_steps
from provision.step import File, Port, Step
from tests.provision.local_machine import LocalMachine, LocalProcess
from tests.provision.sites import Heard

Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, heard: Heard) -> Run:
    def steps(*steps: Step, exchange: Exchange | None = None, sink: Heard = heard) -> Outcome:
        return run_steps(
            LocalMachine(),
            lambda _: steps,
            exchange or Exchange(),
            sink,
            state=str(tmp_path / "state"),
            sudo=False,
        )

    return steps


def counting(folder: Path, name: str = "one", **more: object) -> Step:
    """A step that leaves a line in `<name>.log` each time it is applied."""
    done, log = folder / f"{name}.done", folder / f"{name}.log"
    return Step(name, f"make {name}", apply=f"echo x >>{log}; touch {done}", check=f"test -f {done}", **more)


def applied(folder: Path, name: str = "one") -> int:
    log = folder / f"{name}.log"
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_a_second_time_changes_nothing_and_says_so(run: Run, tmp_path: Path, heard: Heard) -> None:
    steps = counting(tmp_path), counting(tmp_path, "two")
    assert run(*steps) == Outcome("here", ("one", "two"), 0)
    heard.events.clear()
    assert run(*steps) == Outcome("here", (), 2)
    assert heard.states() == [("one", "unchanged"), ("two", "unchanged")]
    assert applied(tmp_path) == 1


def test_a_step_whose_content_changed_is_applied_again(run: Run, tmp_path: Path) -> None:
    run(counting(tmp_path))
    run(
        Step(
            "one",
            "make one",
            apply=f"echo x >>{tmp_path}/one.log; : new",
            check=f"test -f {tmp_path}/one.done",
        )
    )
    assert applied(tmp_path) == 2


def test_a_step_that_someone_undid_is_applied_again(run: Run, tmp_path: Path) -> None:
    run(counting(tmp_path))
    (tmp_path / "one.done").unlink()
    assert run(counting(tmp_path)).changed == ("one",)


def test_a_step_that_adopts_takes_what_is_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.done").touch()
    assert run(counting(tmp_path, adopts=True)).changed == ()
    assert applied(tmp_path) == 0


def test_what_a_failed_deploy_did_is_not_done_again(run: Run, tmp_path: Path) -> None:
    broken = Step("two", "fails", apply="exit 3")
    with pytest.raises(StepError):
        run(counting(tmp_path), broken)
    outcome = run(counting(tmp_path), counting(tmp_path, "two"))
    assert (outcome.changed, outcome.unchanged) == (("two",), 1)


def test_a_failure_names_node_step_exit_code_and_last_lines(run: Run) -> None:
    with pytest.raises(StepError) as caught:
        run(Step("disk", "fails", apply="echo before; echo 'No space left' >&2; exit 28"))
    text = str(caught.value)
    assert "here: step disk failed" in text
    assert "exit code 28" in text
    assert "| No space left" in text
    assert caught.value.exit_code == 5
    assert "fab deploy" in caught.value.way_out


def test_a_step_stops_at_its_first_failing_command(run: Run, tmp_path: Path) -> None:
    with pytest.raises(StepError):
        run(Step("one", "fails", apply=f"false\ntouch {tmp_path}/later"))
    assert not (tmp_path / "later").exists()


def test_an_apply_that_does_not_make_it_so_is_a_failure(run: Run) -> None:
    with pytest.raises(StepError, match="check still fails"):
        run(Step("one", "does nothing", apply="true", check="false"))


def test_files_are_put_in_place_and_kept_so(run: Run, tmp_path: Path) -> None:
    file = File(str(tmp_path / "etc" / "service.conf"), "a = 'b' $c\n", 0o640)
    step = Step("one", "a file", files=(file,))
    run(step)
    path = Path(file.path)
    assert path.read_text() == file.content
    assert path.stat().st_mode & 0o777 == 0o640
    assert run(step).changed == ()
    path.write_text("edited by hand\n")
    assert run(step).changed == ("one",)
    assert path.read_text() == file.content


def test_progress_of_a_step_is_passed_on(run: Run, heard: Heard) -> None:
    run(Step("one", "slow", apply="echo '@clusterbed half way'"))
    assert "one: half way" in [event.text for event in heard.events]


def test_facts_reach_the_steps_that_need_them(run: Run, tmp_path: Path) -> None:
    exchange = Exchange()
    exchange.publish("key", 'ssh-rsa A\'B "C" $D')
    step = Step("one", "uses it", apply=f'printf %s "$key" >{tmp_path}/out', facts=("key",))
    run(step, exchange=exchange)
    assert (tmp_path / "out").read_text() == 'ssh-rsa A\'B "C" $D'


def test_a_step_is_done_again_when_its_fact_changed(run: Run, tmp_path: Path) -> None:
    for value in ("old", "old", "new"):
        exchange = Exchange()
        exchange.publish("key", value)
        run(counting(tmp_path, facts=("key",)), exchange=exchange)
    assert applied(tmp_path) == 2


def test_what_a_step_publishes_comes_also_when_it_is_unchanged(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pub").write_text("value\n")
    step = counting(tmp_path, publishes={"key": str(tmp_path / "pub")})
    for _ in range(2):
        told: list[dict[str, str]] = []
        exchange = Exchange()
        exchange.listen(told.append)
        run(step, exchange=exchange)
        assert told == [{"fact": "key", "value": "value"}]


def test_a_fact_that_will_not_come_ends_the_wait(run: Run) -> None:
    exchange = Exchange()
    exchange.lose("key", "master failed")
    with pytest.raises(StepError, match="master failed") as caught:
        run(Step("one", "waits", facts=("key",)), exchange=exchange)
    assert caught.value.follows


def test_a_port_that_does_not_answer_ends_the_wait(run: Run) -> None:
    wait = Port("the NameNode", "127.0.0.1", 1, 0.5)
    with pytest.raises(StepError, match=r"waited 0 s for the NameNode at 127.0.0.1:1; last seen: .*refused"):
        run(Step("one", "waits", waits=(wait,)))


def test_a_step_that_hangs_is_ended(run: Run) -> None:
    started = time.monotonic()
    with pytest.raises(StepError, match="did not end within"):
        run(Step("one", "hangs", apply="sleep 60", deadline_s=0.5))
    assert time.monotonic() - started < 10


def test_an_unforeseen_end_of_the_agent_is_an_error(tmp_path: Path, heard: Heard) -> None:
    file_in_the_way = tmp_path / "state"
    file_in_the_way.write_text("")
    with pytest.raises(StepError, match=r"exists|directory"):
        run_steps(LocalMachine(), lambda _: [], Exchange(), heard, state=str(file_in_the_way), sudo=False)


class Cut(LocalProcess):
    """A connection that breaks when the step has begun."""

    def lines(self):  # type: ignore[no-untyped-def]
        for line in super().lines():
            yield line
            if '"running"' in line:
                self.close()
                raise ConnectionLostError("cut")


class CutMachine(LocalMachine):
    def start(self, command: str) -> LocalProcess:
        return Cut(command)


def test_a_lost_connection_ends_the_step_and_the_next_deploy_goes_on(tmp_path: Path, heard: Heard) -> None:
    pid = tmp_path / "pid"
    hang = Step("one", "long", apply=f"echo $$ >{pid}; sleep 600; touch {tmp_path}/one.done")
    state = str(tmp_path / "state")
    with pytest.raises(ConnectionLostError):
        run_steps(CutMachine(), lambda _: [hang], Exchange(), heard, state=state, sudo=False)
    again = run_steps(
        LocalMachine(), lambda _: [counting(tmp_path)], Exchange(), heard, state=state, sudo=False
    )
    assert again.changed == ("one",)
    assert not pid.exists() or not runs(int(pid.read_text()))


def test_a_killed_agent_leaves_its_step_with_the_lock(tmp_path: Path, heard: Heard) -> None:
    """A deploy must not run beside a step that is still at work."""
    agent = Path(__file__).parents[2] / "provision" / "agent.py"
    state = tmp_path / "state"
    process = subprocess.Popen(
        [sys.executable, "-u", str(agent), str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    step = Step("one", "slow", apply=f"touch {tmp_path}/begun; sleep 2; touch {tmp_path}/ended").message()
    process.stdin.write(json.dumps({"steps": [step]}) + "\n")
    process.stdin.flush()
    until((tmp_path / "begun").exists)
    os.kill(process.pid, signal.SIGKILL)
    check = Step("two", "looks", apply=f"test -f {tmp_path}/ended")
    run_steps(LocalMachine(), lambda _: [check], Exchange(), heard, state=str(state), sudo=False)
    assert ("lock", "waiting") in heard.states()


def runs(pid: int) -> bool:
    """Whether that process runs; one that nobody has reaped yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_steps_are_made_for_the_size_the_node_reports(run: Run, tmp_path: Path, heard: Heard) -> None:
    seen = []

    def steps(size: object) -> Sequence[Step]:
        seen.append(size)
        return []

    run_steps(LocalMachine(), steps, Exchange(), heard, state=str(tmp_path), sudo=False)
    (size,) = seen
    assert size.cores == len(os.sched_getaffinity(0))
    assert size.memory_mib > 0
