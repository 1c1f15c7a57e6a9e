"""Asks every node for its hardware, through Ray, which runs on all of them."""

from __future__ import annotations

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from clusterbed_workloads import facts
from clusterbed_workloads.engines.ray_session import RayEngine
from clusterbed_workloads.facts import Facts, Hardware
from clusterbed_workloads.plan import Plan

ANSWER_S = 60.0


def survey(plan: Plan, within_s: float) -> Facts:
    """The facts of this cluster.

    Raises:
        EngineLost, WaitedTooLong: Ray is not there.
    """
    engine = RayEngine(plan)
    try:
        engine.ready(within_s)
        ask = ray.remote(facts.hardware)
        asked = {
            engine.name_of(address): ask.options(
                num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)
            ).remote()
            for address, node in engine.nodes().items()
        }
        answers: list[Hardware] = ray.get(list(asked.values()), timeout=ANSWER_S)
        return Facts(software=facts.software(), hardware=dict(zip(asked, answers, strict=True)))
    finally:
        engine.stop()
