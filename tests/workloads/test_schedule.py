from clusterbed_workloads.record import Phase
from clusterbed_workloads.schedule import turns


def test_every_variant_has_a_cold_a_warm_up_and_its_measured_turns() -> None:
    order = list(turns(("expert", "literal"), repeats=5))
    for variant in ("expert", "literal"):
        phases = [turn.phase for turn in order if turn.variant == variant]
        assert phases == [Phase.COLD, Phase.WARM_UP, *[Phase.MEASURED] * 5]


def test_variants_are_interleaved_and_none_always_follows_the_other() -> None:
    measured = [
        turn.variant for turn in turns(("expert", "literal"), repeats=4) if turn.phase is Phase.MEASURED
    ]
    assert measured == ["expert", "literal", "literal", "expert", "expert", "literal", "literal", "expert"]


def test_the_last_round_is_marked_for_its_artifacts() -> None:
    last = [turn for turn in turns(("expert", "literal"), repeats=2) if turn.last]
    assert {turn.variant for turn in last} == {"expert", "literal"}
    assert all(turn.phase is Phase.MEASURED and turn.repeat == 1 for turn in last)
