"""`clusterbed-workloads`: carry out a plan on the cluster's head, or a small one on this machine.

Exit codes: 0 all cases verified; 2 the plan is wrong; 4 the bucket refused; 7 a case failed or answered
wrongly; 130 and 143 interrupted by SIGINT and SIGTERM.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError

from clusterbed_workloads import facts
from clusterbed_workloads.catalogue import CATALOGUE
from clusterbed_workloads.errors import PlanError, WorkloadsError
from clusterbed_workloads.facts import Facts
from clusterbed_workloads.local_plan import local_plan
from clusterbed_workloads.plan import Plan
from clusterbed_workloads.run import progress
from clusterbed_workloads.run.interrupt import Interrupt
from clusterbed_workloads.run.session import Opening, Session
from clusterbed_workloads.run.store import store_for

RUNS = Path("/var/lib/clusterbed/runs")
SURVEY_S = 120.0


def read_plan(file: Path) -> Plan:
    """The plan in a JSON file.

    Raises:
        PlanError: the file cannot be read or is no plan; the message names the field.
    """
    try:
        return Plan.model_validate_json(file.read_bytes())
    except OSError as error:
        raise PlanError(f"plan {file} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise PlanError(f"plan {file}: {field}: {first['msg']}.") from error


def survey(plan: Plan) -> Facts:
    """The facts of all nodes; of this one alone, with a note, when Ray does not answer."""
    if plan.where.cloud == "local":
        own = facts.hardware()
        return Facts(software=facts.software(), hardware={str(own["host"]): own})
    from clusterbed_workloads.survey import survey as ask_all  # noqa: PLC0415 - loads Ray

    progress.printed("run", "asking the nodes for their hardware", "running")
    try:
        return ask_all(plan, SURVEY_S)
    except WorkloadsError as error:
        own = facts.hardware()
        note = f"hardware of the head only: {error}"
        return Facts(software=facts.software(), hardware={str(own["host"]): own}, notes=(note,))


def run(arguments: argparse.Namespace) -> int:
    """Carry out a plan."""
    if arguments.local is not None:
        plan = local_plan(
            arguments.local,
            experiments=tuple(arguments.experiments),
            rows=arguments.rows,
            training_rows=arguments.training_rows,
            prediction_rows=arguments.prediction_rows,
            repeats=arguments.repeats,
            seed=arguments.seed,
        )
        runs = arguments.local / "runs"
    else:
        plan, runs = read_plan(arguments.plan), arguments.runs
    interrupt = Interrupt()
    interrupt.listen()
    run_dir = (runs / plan.run).resolve()
    session = Session(
        plan=plan,
        run_dir=run_dir,
        store=store_for(plan),
        interrupt=interrupt,
        progress=progress.printed,
    )
    code = session.carry_out(survey)
    progress.printed("run", f"{plan.run} over, results in {run_dir}", "failed" if code else "ok")
    return code


def case(arguments: argparse.Namespace) -> int:
    """The process of one case, started by `run`."""
    from clusterbed_workloads.run.case_main import measure  # noqa: PLC0415 - only this process needs it

    opening = Opening.model_validate_json((arguments.run_dir / "run.json").read_bytes())
    measure(
        plan=opening.plan,
        facts=opening.facts,
        experiment=arguments.experiment,
        lost=set(arguments.lost),
        first=arguments.first,
        run_dir=arguments.run_dir,
        fd=arguments.messages,
    )
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser("clusterbed-workloads", description="Carry out the experiments of a plan.")
    commands = top.add_subparsers(required=True)

    running = commands.add_parser("run", help="carry out a plan, or a small one on this machine")
    what = running.add_mutually_exclusive_group(required=True)
    what.add_argument("--plan", type=Path, help="the plan, a JSON file")
    what.add_argument("--local", type=Path, metavar="DIR", help="run on this machine, everything below DIR")
    running.add_argument("--runs", type=Path, default=RUNS, help="where runs are kept (default %(default)s)")
    local = running.add_argument_group("sizes of a --local run")
    local.add_argument("--experiments", nargs="+", default=list(CATALOGUE))
    local.add_argument("--rows", type=int, default=100_000)
    local.add_argument("--training-rows", type=int, default=10_000)
    local.add_argument("--prediction-rows", type=int, default=100_000)
    local.add_argument("--repeats", type=int, default=5)
    local.add_argument("--seed", type=int, default=42)
    running.set_defaults(do=run)

    one = commands.add_parser("case", help=argparse.SUPPRESS)
    one.add_argument("--messages", type=int, required=True)
    one.add_argument("--run-dir", type=Path, required=True)
    one.add_argument("--experiment", required=True)
    one.add_argument("--first", type=int, default=0)
    one.add_argument("--lost", nargs="*", default=[])
    one.set_defaults(do=case)
    return top


def main() -> int:
    """Parse the command line and do it; every error is one line, not a traceback."""
    arguments = parser().parse_args()
    try:
        code: int = arguments.do(arguments)
    except ValidationError as error:
        first = error.errors()[0]
        progress.printed("run", f"{'.'.join(map(str, first['loc']))}: {first['msg']}", "failed")
        return PlanError.exit_code
    except WorkloadsError as error:
        progress.printed("run", str(error), "failed")
        return error.exit_code
    return code


if __name__ == "__main__":
    sys.exit(main())
