"""What exists on the simulated Testsigma besides runs: plans, environments, saved execution configs. Pure."""

from collections.abc import Mapping

from testgate.demo.testsigma.scenarios import Plan, Scenario


def plan_rows(scenario: Scenario) -> list[dict[str, object]]:
    """All plans, as `GET /test_plans` tells them."""
    return [plan_answer(plan_id, plan) for plan_id, plan in scenario.plans.items()]


def plan_answer(plan_id: int, plan: Plan) -> dict[str, object]:
    """One plan, as `GET /test_plans/{id}` tells it."""
    return {"id": plan_id, "name": plan.name, "description": None, "entityType": "EXECUTION"}


def named_rows(names: Mapping[int, str]) -> list[dict[str, object]]:
    """Things that have an id and a name."""
    return [{"id": number, "name": name, "description": None} for number, name in names.items()]
