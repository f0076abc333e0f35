"""Which sheet shows which family, and what a reader may see of it. Refuses to hide anything from whoever edits."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.actor import Actor, ScopeKind
from zhike.core.policies import Family
from zhike.customers.queries import VIEW, codes_seen
from zhike.workbench.policies_decisions import alerts_sheet, completeness_sheet, tiers_sheet
from zhike.workbench.policies_forms import Sheet
from zhike.workbench.policies_generic import generic_sheet
from zhike.workbench.policies_scores import competitor_sheet, loyalty_sheet, value_sheet

SHEETS: dict[str, Callable[[Mapping[str, Any]], Sheet]] = {
    "value": value_sheet,
    "loyalty": loyalty_sheet,
    "competitor": competitor_sheet,
    "tiers": tiers_sheet,
    "alerts": alerts_sheet,
    "completeness": completeness_sheet,
}


def sheet_of(family: Family[Any], body: Mapping[str, Any]) -> Sheet:
    """Return the sheet of a body; families of other rooms get one derived from their schema."""
    made = SHEETS.get(family.name)
    return made(body) if made else generic_sheet(family.schema, body)


def for_reader(actor: Actor, family: Family[Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body as the actor may read it: accounts out of their scope are counted, not named."""
    shown = copy.deepcopy(dict(body))
    if family.name == "tiers" and actor.scope != ScopeKind.EVERYTHING:
        for one in shown["strategic"]:
            listed = one["account_codes"]
            seen = codes_seen(actor, listed) if listed and actor.may(VIEW) else set()
            hidden = len(listed) - len(seen)
            one["account_codes"] = [code for code in listed if code in seen]
            if hidden:
                one["account_codes"].append(_("另有 %(many)s 户不在您的范围") % {"many": hidden})
    return shown


def unknown_accounts(actor: Actor, family: Family[Any], body: Mapping[str, Any]) -> dict[str, str]:
    """Return by cell what accounts a list names that do not exist."""
    wrong = {}
    if family.name == "tiers":
        for at, one in enumerate(body["strategic"]):
            missing = sorted(set(one["account_codes"]) - codes_seen(actor, one["account_codes"]))
            if missing:
                wrong[f"strategic.{at}.account_codes"] = _("没有这些客户：%(codes)s") % {
                    "codes": _("、").join(missing[:10])
                }
    return wrong
