"""Keys and the groups of approvers that they join."""

from typing import TYPE_CHECKING

import pytest

from app.domain.problems import InvalidArguments
from app.resources import keys
from app.security.policy import GROUPS
from app.security.principals import LOCAL

if TYPE_CHECKING:
    from tests.resources.conftest import Desk, Office


def test_a_key_joins_every_group_that_there_is(office: "Office") -> None:
    async def work(desk: "Desk") -> None:
        key = await desk.key("cse", *GROUPS)
        assert key.groups == frozenset(GROUPS)
        assert all(desk.runtime.policy.may_decide(key, group) for group in GROUPS)

    office.run(work)


def test_no_key_joins_a_group_that_is_none(office: "Office") -> None:
    async def work(desk: "Desk") -> None:
        before = await keys.list_keys(desk.runtime, LOCAL)
        with pytest.raises(InvalidArguments, match="no group sales") as problem:
            await desk.key("cse", "peer", "sales")
        assert problem.value.code == "unknown_group"
        assert await keys.list_keys(desk.runtime, LOCAL) == before

    office.run(work)
