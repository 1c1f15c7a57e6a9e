import pytest

from clusterbed_workloads.catalogue import CATALOGUE, entries
from clusterbed_workloads.errors import PlanError


def test_every_experiment_of_document_001_has_an_expert_and_a_literal_variant() -> None:
    assert list(CATALOGUE) == ["E1.1", "E1.2", "E1.3", "E1.4", "E1.5", "E1.6"]
    assert all(entry.variants == ("expert", "literal") for entry in CATALOGUE.values())


def test_the_order_is_the_plans() -> None:
    assert [entry.experiment for entry in entries(("E1.3", "E1.1"))] == ["E1.3", "E1.1"]


@pytest.mark.parametrize(("asked", "told"), [(("E9.9",), "there is no E9.9"), (("E1.1", "E1.1"), "twice")])
def test_impossible_experiments_are_refused(asked: tuple[str, ...], told: str) -> None:
    with pytest.raises(PlanError, match=told):
        entries(asked)
