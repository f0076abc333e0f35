"""The group an account belongs to: its whole tree, each organisation once. Tells names only where out of reach."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from zhike.core.actor import Actor, require
from zhike.customers.models import Account, CompetitorHolding, Subscription

DEEPEST = 30  # levels; imports refuse deeper trees
LARGEST = 5_000  # organisations; more have never been seen in one group

_TREE = """
WITH RECURSIVE up (id, parent_id, depth) AS (
  SELECT id, parent_id, 0 FROM customers_account WHERE id = %s
  UNION ALL
  SELECT a.id, a.parent_id, up.depth + 1 FROM customers_account a JOIN up ON a.id = up.parent_id WHERE up.depth < %s
), tree (id, code, name, depth, path) AS (
  SELECT id, code, name, 0, ARRAY[code::text] FROM customers_account
  WHERE id = (SELECT id FROM up ORDER BY depth DESC LIMIT 1)
  UNION ALL
  SELECT a.id, a.code, a.name, t.depth + 1, t.path || a.code::text
  FROM customers_account a JOIN tree t ON a.parent_id = t.id
  WHERE t.depth < %s AND a.code <> ALL (t.path)
) SELECT id, code, name, depth FROM tree ORDER BY path LIMIT %s
"""


@dataclass(frozen=True)
class Branch:
    """One organisation of a group. Out of the actor's reach it has a name and nothing else."""

    account_id: int
    code: str
    name: str
    depth: int
    in_scope: bool
    tier: str = ""
    region: str = ""
    products: tuple[str, ...] = ()
    fees_fen: int = 0  # what we are paid a month for products in use
    rival_fees_fen: int | None = None  # what competitors are known to be paid; nothing where nothing is known of them


def group_of(actor: Actor, account: Account) -> list[Branch]:
    """Return the whole group the account belongs to, headquarters first, each organisation once.

    Names of members out of scope are shown to whoever serves one of the group; nothing else of them is.
    """
    require(actor, "accounts.view")
    with connection.cursor() as cursor:
        cursor.execute(_TREE, [account.pk, DEEPEST, DEEPEST, LARGEST])
        tree = cursor.fetchall()
    ids = [row[0] for row in tree]
    visible = {one.pk: one for one in Account.objects.for_actor(actor).filter(pk__in=ids).select_related("region")}
    if account.pk not in visible:
        return []
    used: dict[int, list[str]] = defaultdict(list)
    fees: dict[int, int] = defaultdict(int)
    held = Subscription.objects.for_actor(actor).filter(account_id__in=list(visible)).exclude(status="ended")
    counted = held.values("account_id", "product__name").annotate(fee=Sum("monthly_fee_fen")).order_by("product__name")
    for row in counted:
        used[row["account_id"]].append(row["product__name"])
        fees[row["account_id"]] += row["fee"] or 0
    known = CompetitorHolding.objects.for_actor(actor).filter(account_id__in=list(visible)).order_by()
    rivals = {
        row["account_id"]: row["fee"] or 0 for row in known.values("account_id").annotate(fee=Sum("monthly_fee_fen"))
    }
    found: dict[int, Branch] = {}
    for pk, code, name, depth in tree:
        one = visible.get(pk)
        if pk in found:
            continue
        if one is None:
            found[pk] = Branch(pk, code, name, depth, in_scope=False)
        else:
            found[pk] = Branch(
                pk, code, name, depth, True, one.tier, one.region.name, tuple(used[pk]), fees[pk], rivals.get(pk)
            )
    return list(found.values())
