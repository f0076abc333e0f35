"""Which steps may be taken from where a request stands, and what they write: the one door to all judges of steps.

Each step returns the facts it would add to the log, or refuses by raising. Refuses to change anything itself.
"""

from __future__ import annotations

from zhike.service.steps_closing import call_back, decide_exception, hear_verdict, propose_exception, reopen
from zhike.service.steps_handling import (
    accept,
    answer,
    contact,
    give_back,
    hand,
    hear,
    note,
    offer,
    own,
    pause,
    prioritise,
    recognise,
    reply,
    resume,
    triage,
    work,
)
from zhike.service.steps_judging import Drafts, Marks, Rules, Who
from zhike.service.steps_watching import (
    declare,
    end_supervision,
    escalate,
    join,
    leave,
    link,
    merge,
    notice,
    result,
    supervise,
    unlink,
)

__all__ = [
    "Drafts",
    "Marks",
    "Rules",
    "Who",
    "accept",
    "answer",
    "call_back",
    "contact",
    "decide_exception",
    "declare",
    "end_supervision",
    "escalate",
    "give_back",
    "hand",
    "hear",
    "hear_verdict",
    "join",
    "leave",
    "link",
    "merge",
    "note",
    "notice",
    "offer",
    "own",
    "pause",
    "prioritise",
    "propose_exception",
    "recognise",
    "reopen",
    "reply",
    "result",
    "resume",
    "supervise",
    "triage",
    "unlink",
    "work",
]
