"""The page and the summary: everything shown, nothing invented, nothing unescaped."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusterbed_workloads.plan import Plan
from clusterbed_workloads.record import Missing, Outcome, Phase, Record
from clusterbed_workloads.run.done import CaseStatus
from clusterbed_workloads.run.done import Done as HeadsDone
from contract.errors import SettingError
from report import build, summary_lines
from report.manifest import Done
from report.page import render
from report.results import load
from tests.report import samples


class Tags(HTMLParser):
    """All tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", self.text)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def page_of(home: Path) -> Tags:
    return Tags(build(home).read_text())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return samples.write(tmp_path_factory.mktemp("results") / samples.RUN)


@pytest.fixture(scope="module")
def page(home: Path) -> Tags:
    return page_of(home)


def test_every_experiment_has_its_section(page: Tags) -> None:
    """E1.1, E1.2, E1.3, E1.4, E1.5, E1.6."""
    sections = [tag["id"] for tag in page.named("section")]
    assert sections == ["E1-1", "E1-2", "E1-3", "E1-4", "E1-5", "E1-6"]


@pytest.mark.parametrize(
    "figure",
    ["38.07 s", "30–70 s", "1.36 GB", "1.59 GB", "673,131,597.39", "15 s", "20 s"],
)
def test_the_published_figures_stand_on_the_page(page: Tags, figure: str) -> None:
    assert figure in page.words


def test_differences_in_machines_and_versions_are_named(page: Tags) -> None:
    assert "2 containers of the lab sharing one machine" in page.words
    assert "Spark 4.3.0 for 3.3.1, Java 21.0.8 for 1.8, Hadoop 3.5.0 for 3.6." in page.words
    assert "Ray 2.60.0 for 2.0." in page.words, "Python 3.12.1 is a 3.12 and so no difference"


def test_failures_come_first_with_error_and_log(page: Tags) -> None:
    assert page.words.index("What failed") < page.words.index("At a glance")
    assert "Lost task 11.3 in stage 7.0" in page.words
    assert "expected 2,279,994,115,020.51, got 2,279,994,084,133.18" in page.words
    assert "artifacts/E1.3/literal/driver.log" in {tag.get("href") for tag in page.named("a")}


def test_a_wrong_answer_enters_no_mean(tmp_path: Path) -> None:
    right = [samples.record(repeat=n, seconds=10.0) for n in range(3)]
    wrong = samples.record(repeat=3, outcome=Outcome.WRONG).model_copy(
        update={"metrics": {"head_memory_before_gib": 4000.0}}
    )
    cold = samples.record(phase=Phase.COLD, repeat=0, seconds=99.0)
    lines = summary_lines(samples.write(tmp_path / "run", [cold, *right, wrong]))
    row = next(line for line in lines if line.startswith("E1.2"))
    assert "10 s" in row
    assert "wrong answer" in row
    assert "0.920 GiB" in page_of(tmp_path / "run").words


def test_links_are_relative_and_lead_to_files_that_are_there(home: Path, page: Tags) -> None:
    for tag in page.named("a"):
        href = tag["href"] or ""
        assert href.startswith("#") or (home / href).is_file(), href


def test_the_page_fetches_nothing_and_runs_nothing(page: Tags) -> None:
    assert not page.named("script")
    assert not page.named("img")
    assert [tag["href"] for tag in page.named("link")] == ["data:,"]
    policy = [tag["content"] for tag in page.named("meta") if tag.get("http-equiv")]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_plots_are_told_in_words_too(page: Tags) -> None:
    assert len(page.named("svg")) == 7
    for tag in page.named("svg"):
        assert tag["role"] == "img"
        assert tag["aria-labelledby"]
    assert "Mean and 95 % interval: expert" in page.words


def test_what_is_missing_says_why(page: Tags) -> None:
    assert "not measured: no executor of its own reported its heap yet" in page.words
    assert "not measured: a lab machine has no price" in page.words


def test_how_to_do_it_again_names_every_size(page: Tags) -> None:
    assert "fab up --setup spark-ray --workers 1 --lab" in page.words
    assert "--rows 30000000 --repeats 5 --only E1.1,E1.2,E1.3,E1.4,E1.5,E1.6" in page.words


def test_what_was_scaled_down_is_said_once(tmp_path: Path) -> None:
    plan = samples.plan()
    records = [
        item.model_copy(update={"notes": (*plan.scaled, "every node reported", *item.notes)})
        for item in samples.records()
    ]
    words = page_of(samples.write(tmp_path / "run", records, plan)).words
    assert words.count(plan.scaled[0]) == 1
    assert words.count("every node reported") == 1
    assert words.count("the document had switched it off") == 1


def test_what_agrees_by_construction_says_so(page: Tags) -> None:
    """E1.5: the generator's salary spread was chosen after the published mean squared error."""
    assert "by construction The document's data is not published" in page.words


def test_a_smaller_run_is_not_compared_and_no_reference_is_drawn(tmp_path: Path) -> None:
    small = samples.plan(rows=200_000, training_rows=1000)
    text = build(samples.write(tmp_path / "run", None, small)).read_text()
    words = Tags(text).words
    assert "200,000 rows here, 30,000,000 in the document." in words
    assert "1,000 training rows here, 10,000 in the document." in words
    assert "document 38.07 s" not in text.replace("\u00a0", " ")


def test_on_the_documents_machines_the_sizes_decide_alone(tmp_path: Path) -> None:
    aws = samples.WHERE.model_copy(update={"cloud": "aws", "region": "us-east-1"})
    records = [
        item.model_copy(update={"where": aws, "cost_usd": Missing(missing="prices are in the report")})
        for item in samples.records()
    ]
    words = page_of(samples.write(tmp_path / "run", records, samples.plan(where=aws))).words
    assert "comparable Same size" in words
    assert "containers" not in words
    assert re.search(r"0\.1\d+ USD by list price", words)


def test_a_run_that_goes_on_is_marked_incomplete(tmp_path: Path) -> None:
    home = samples.write(tmp_path / "run", [samples.record()])
    (home / "done.json").unlink()
    words = page_of(home).words
    assert "The run has not ended" in words
    assert "the run has not got there" in words


def test_a_broken_line_is_reported_and_the_rest_is_shown(tmp_path: Path) -> None:
    home = samples.write(tmp_path / "run")
    with (home / "records.jsonl").open("ab") as file:
        file.write(b'{"run": "cut off\n\xff\xfe\n')
    (home / "run.json").write_text("no json")
    words = page_of(home).words
    assert "records.jsonl, line 85: " in words
    assert "run.json: " in words
    assert "E1.6" in words


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("not run", "the run ended before it"),
        ("interrupted", "the run was interrupted in it"),
        ("failed", "done.json says 'failed', but no record of it is here"),
    ],
)
def test_an_experiment_without_records_says_why(tmp_path: Path, status: str, said: str) -> None:
    home = samples.write(tmp_path / "run", [samples.record()], samples.plan(experiments=("E1.2", "E1.3")))
    done = json.loads((home / "done.json").read_text())
    (home / "done.json").write_text(json.dumps(done | {"cases": {"E1.2": "ok", "E1.3": status}}))
    assert said in page_of(home).words


def test_an_empty_directory_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="holds no run"):
        build(tmp_path)


def test_repeats_that_fail_alike_are_one_failure(tmp_path: Path) -> None:
    failed = [samples.record(repeat=n, outcome=Outcome.FAILED, error="the worker is gone") for n in range(5)]
    lines = summary_lines(samples.write(tmp_path / "run", failed))
    assert sum("the worker is gone" in line for line in lines) == 1
    assert any("measured 1, measured 2" in line for line in lines)


def test_a_failure_without_artifacts_finds_the_experiments_log(tmp_path: Path) -> None:
    home = samples.write(tmp_path / "run", [samples.record("E1.3", outcome=Outcome.FAILED, error="x")])
    log = home / "artifacts/E1.3/case.log"
    log.parent.mkdir(parents=True)
    log.write_text("Traceback")
    assert "artifacts/E1.3/case.log" in {tag.get("href") for tag in page_of(home).named("a")}


def test_done_json_as_the_head_writes_it_is_understood() -> None:
    written = HeadsDone(
        run=samples.RUN,
        started_at=samples.START,
        finished_at=samples.START,
        exit_code=7,
        cases={"E1.2": CaseStatus.FAILED},
        objects=samples.records()[0].artifacts,
    )
    read = Done.model_validate_json(written.model_dump_json())
    assert read.cases == {"E1.2": "failed"}
    assert [item.name for item in read.objects] == [item.name for item in written.objects]


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x1b[31m"


def test_hostile_text_stays_text_everywhere(tmp_path: Path) -> None:
    base = samples.record(outcome=Outcome.WRONG)
    check = base.verification[-1].model_copy(update={"name": HOSTILE, "expected": HOSTILE, "got": HOSTILE})
    hostile = base.model_copy(
        update={
            "variant": HOSTILE,
            "error": HOSTILE,
            "verification": (check,),
            "notes": (HOSTILE,),
            "metrics": {HOSTILE: HOSTILE},
            "settings": {HOSTILE: HOSTILE},
            "software": {HOSTILE: HOSTILE},
            "hardware": {"master": {HOSTILE: HOSTILE}},
            "artifacts": (
                base.artifacts
                or samples.records()[0].artifacts[0].model_copy(update={"name": "javascript:alert(1)"}),
            ),
        }
    )
    failed = hostile.model_copy(update={"outcome": Outcome.FAILED, "verification": ()})
    home = samples.write(tmp_path / "run", [])
    (home / "records.jsonl").write_text(f"{hostile.line()}\n{failed.line()}\n")
    page = page_of(home)
    assert not page.named("script")
    assert not page.named("img")
    assert all(not name.startswith("on") for _, attributes in page.found for name in attributes)
    assert all(not (tag["href"] or "").startswith("javascript") for tag in page.named("a"))
    assert "<script>alert(1)</script>" in page.text
    assert "\x1b" not in "\n".join(summary_lines(home))


texts = st.text(max_size=60)
values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**70), 2**70),
    texts,
    st.builds(Missing, missing=st.text(min_size=1, max_size=40)),
)


@st.composite
def any_record(draw: st.DrawFn) -> Record:
    outcome = draw(st.sampled_from(Outcome))
    base = samples.record(
        draw(st.from_regex(r"E[0-9]{1,3}\.[0-9]{1,3}", fullmatch=True)),
        draw(st.one_of(st.sampled_from(["expert", "literal"]), texts)),
        phase=draw(st.sampled_from(Phase)),
        repeat=draw(st.integers(0, 9)),
        seconds=draw(st.floats(0, 1e9)),
        outcome=outcome,
        error=draw(st.text(min_size=1)) if outcome is Outcome.FAILED else None,
    )
    return base.model_copy(
        update={
            "metrics": draw(st.dictionaries(texts, values, max_size=3)),
            "quality": draw(st.dictionaries(texts, values, max_size=3)),
            "settings": draw(st.dictionaries(texts, texts, max_size=3)),
            "software": draw(st.dictionaries(texts, texts, max_size=3)),
            "notes": tuple(draw(st.lists(texts, max_size=2))),
        }
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=st.lists(any_record(), max_size=6), cut=st.booleans())
def test_no_records_break_the_page(
    tmp_path_factory: pytest.TempPathFactory, found: list[Record], cut: bool
) -> None:
    home = samples.write(tmp_path_factory.mktemp("run"), found)
    if cut:
        (home / "done.json").unlink()
    page = Tags(render(load(home)))
    known = {item.experiment for item in found} | set(samples.plan().experiments)
    assert {tag["id"] for tag in page.named("section")} == {name.replace(".", "-") for name in known}
    assert not page.named("script")
    assert summary_lines(home)


def test_the_command_is_that_of_the_plan(tmp_path: Path) -> None:
    plan: Plan = samples.plan(rows=1000, repeats=3, experiments=("E1.2",))
    words = page_of(samples.write(tmp_path / "run", [samples.record()], plan)).words
    assert "fab run-bench --rows 1000 --repeats 3 --only E1.2" in words
