"""The program run under mocks, as a fixture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.runtime.config import CONFIG, set_all_config

from tests.infra.mocked import CALLER, REPOSITORY, Built, Cloud, run


def pytest_configure(config: pytest.Config) -> None:
    """The AWS package warns about its own old names whenever one of its modules is imported."""
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning:pulumi_aws")


Build = Callable[..., Built]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    """Run infra/ for the setup spark-ray with sections replaced: `build(machines={"workers": 3})`."""
    monkeypatch.setenv("CLUSTERBED_HOME", str(tmp_path / "home"))
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "PULUMI_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    before = CONFIG.get()

    def run_with(*, cloud: Cloud | None = None, stack: str = "spark-ray", **sections: Any) -> Built:
        cloud = cloud or Cloud()
        config = yaml.safe_load((REPOSITORY / "Pulumi.spark-ray.yaml").read_text())["config"]
        config["clusterbed:network"]["caller_cidr"] = CALLER
        for key, value in sections.items():
            full = key if ":" in key else f"clusterbed:{key}"
            old = config.get(full)
            config[full] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
        set_all_config(
            {
                key: value if isinstance(value, str) else json.dumps(value)
                for key, value in config.items()
                if value is not None
            }
        )
        return run(cloud, stack)

    yield run_with
    CONFIG.set(before)
