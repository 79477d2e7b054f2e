"""Undo of a turn that proposed something."""

from app.resources import approvals, commands, undo
from tests.resources.conftest import Desk, Office
from tests.resources.test_approvals import propose, refused


def test_what_an_undone_turn_proposed_is_withdrawn(office: Office) -> None:
    async def work(desk: Desk) -> None:
        runtime, sender = desk.runtime, await desk.key()
        escalation = await desk.open_escalation()
        (other,) = await propose(desk, sender)
        body = {"account": "acme", "action": "update", "escalation": escalation, "text": "The fix ships on 12 March."}
        answer = await commands.call(runtime, sender, "escalate", body)
        (line,) = answer.approvals
        told = (await undo.find(runtime, sender, answer.turn_id)).reply()
        assert "withdrawn" in str(told.blocks[0])
        await undo.undo(runtime, sender, answer.turn_id)
        found = await approvals.get(runtime, sender, line.id)
        assert (found.status, found.proposal_status) == ("closed", "withdrawn")
        assert (await approvals.get(runtime, sender, other)).status == "pending"
        assert (await desk.actions())[-1] == "approval.withdrawn"
        assert await refused(undo.undo(runtime, sender, answer.turn_id)) == "already_undone"

    office.run(work)
