"""What accounts need beyond plain columns: the group tree, the sort key of the name, their managers.

Refuses circles and trees deeper than any group has; a manager is a row of the account team, never a column.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from zhike.customers.pinyin import pinyin_key
from zhike.facts.loading.incoming import INCOMING, REFUSED, Report, refuse
from zhike.facts.loading.merge import CHANGED, PREPARED, Written
from zhike.facts.loading.targets import Target

DEEPEST = 30  # levels of a group; the deepest real ones have about eight
BLOCK = 50_000


def check(cursor: Any, given: set[str]) -> None:
    """Refuse unknown managers, circles in the group tree, and parents that neither archive nor file knows."""
    for column in {"manager_code", "backup_code"} & given:
        refuse(
            cursor, column, "unknown",
            f'i."{column}" IS NOT NULL AND NOT EXISTS (SELECT FROM people_staff s WHERE s.code = i."{column}")',
        )  # fmt: skip
    if "parent_code" not in given:
        return
    refuse(cursor, "parent_code", "cycle", "i.parent_code = i.account_code")
    _refuse_circles(cursor)
    cursor.execute(f"CREATE INDEX ON {INCOMING} (account_code)")
    # A refused row takes its branches with it, unless the archive knows the parent already.
    while refuse(
        cursor, "parent_code", "unknown",
        "i.parent_code IS NOT NULL AND NOT EXISTS (SELECT FROM customers_account a WHERE a.code = i.parent_code)"
        f" AND NOT EXISTS (SELECT FROM {INCOMING} o WHERE o.account_code = i.parent_code"
        f" AND NOT EXISTS (SELECT FROM {REFUSED} x WHERE x._row = o._row))",
    ):  # fmt: skip
        continue


def _refuse_circles(cursor: Any) -> None:
    """Refuse the incoming rows that would stand below themselves, or deeper than :data:`DEEPEST` levels.

    The tree walked is what it would become: the file's parents where it names one, the archive's elsewhere.
    """
    cursor.execute("DROP TABLE IF EXISTS zk_tree")
    cursor.execute(
        "CREATE TEMP TABLE zk_tree ON COMMIT DROP AS"
        f" SELECT i.account_code AS code, i.parent_code AS parent, i._row FROM {INCOMING} i"
        f" WHERE i.parent_code IS NOT NULL AND NOT EXISTS (SELECT FROM {REFUSED} x WHERE x._row = i._row)"
        " UNION ALL"
        " SELECT a.code, p.code, NULL FROM customers_account a JOIN customers_account p ON p.id = a.parent_id"
        f" WHERE NOT EXISTS (SELECT FROM {INCOMING} i WHERE i.account_code = a.code AND i.parent_code IS NOT NULL)"
    )
    cursor.execute("CREATE INDEX ON zk_tree (code)")
    cursor.execute("ANALYZE zk_tree")
    for code, ends in (("cycle", "w.node = w.start"), ("too_deep", f"w.depth >= {DEEPEST}")):
        refuse(
            cursor, "parent_code", code,
            "i._row IN (WITH RECURSIVE walk (start, node, depth, origin) AS ("
            " SELECT code, parent, 1, _row FROM zk_tree WHERE _row IS NOT NULL UNION ALL"
            " SELECT w.start, z.parent, w.depth + 1, w.origin FROM walk w JOIN zk_tree z ON z.code = w.node"
            f" WHERE w.node <> w.start AND w.depth < {DEEPEST})"
            f" SELECT w.origin FROM walk w WHERE {ends})",
        )  # fmt: skip
        cursor.execute(f"DELETE FROM zk_tree z USING {REFUSED} x WHERE x._row = z._row")


NAMES, PARENTS = "zk_names", "zk_parents"


def complete(cursor: Any, target: Target, given: set[str], report: Report) -> tuple[list[Written], str]:
    """Find parents' ids and spell names; return the columns they fill and the joins that bring them."""
    written, joins = [], ""
    if "parent_code" in given:
        cursor.execute(f"DROP TABLE IF EXISTS {PARENTS}")
        cursor.execute(
            f"CREATE TEMP TABLE {PARENTS} ON COMMIT DROP AS SELECT p._row, coalesce(a.id, o.id) AS parent_id"
            f" FROM {PREPARED} p LEFT JOIN {PREPARED} o ON o.account_code = p.parent_code"
            " LEFT JOIN customers_account a ON a.code = p.parent_code WHERE p.parent_code IS NOT NULL"
        )
        cursor.execute(f"ANALYZE {PARENTS}")
        joins += f" LEFT JOIN {PARENTS} b ON b._row = p._row"
        written.append(Written("parent_id", "parent_id", target.model_field("parent"), alias="b"))
    if "name" in given:
        _spell_names(cursor, report)
        joins += f" LEFT JOIN {NAMES} n ON n._row = p._row"
        field = target.model_field("pinyin_key")
        written.append(Written("pinyin_key", "pinyin_key", field, recorded=False, alias="n"))
    return written, joins


def _spell_names(cursor: Any, report: Report) -> None:
    """Compute the sort key of every name that is new or changed."""
    cursor.execute(f"DROP TABLE IF EXISTS {NAMES}")
    cursor.execute(f"CREATE TEMP TABLE {NAMES} (_row bigint, pinyin_key text) ON COMMIT DROP")
    cursor.execute(f"SELECT coalesce(max(_row), 0) FROM {PREPARED}")
    last = int(cursor.fetchone()[0])
    for start in range(0, last + 1, BLOCK):
        cursor.execute(
            f"SELECT p._row, p.name FROM {PREPARED} p LEFT JOIN customers_account a ON a.id = p.target_id"
            " WHERE p._row >= %s AND p._row < %s AND p.name IS NOT NULL"
            " AND (a.id IS NULL OR a.name <> p.name OR a.pinyin_key = '')",
            [start, start + BLOCK],
        )
        names = cursor.fetchall()
        if names:
            with cursor.copy(f"COPY {NAMES} (_row, pinyin_key) FROM STDIN") as copy:
                copy.write("".join(f"{row}\t{pinyin_key(name)}\n" for row, name in names))
        report(min((start + BLOCK) / (last + 1), 1.0), "names")
    cursor.execute(f"ANALYZE {NAMES}")


def assign_managers(cursor: Any, given: set[str], on: date) -> None:
    """Make the file's managers the present lead and back-up; whoever was it before is closed on that day."""
    for column, duty in (("manager_code", "lead"), ("backup_code", "backup")):
        if column not in given:
            continue
        cursor.execute("DROP TABLE IF EXISTS zk_wanted")
        cursor.execute(
            "CREATE TEMP TABLE zk_wanted ON COMMIT DROP AS"
            f" SELECT p.id AS account_id, s.id AS staff_id, s.team_id FROM {PREPARED} p"
            f" JOIN people_staff s ON s.code = p.{column}"
            " LEFT JOIN customers_teammembership m ON m.account_id = p.id AND m.staff_id = s.id AND m.duty = %s"
            " AND m.valid_to IS NULL WHERE m.id IS NULL",
            [duty],
        )
        cursor.execute("ANALYZE zk_wanted")
        cursor.execute(
            "UPDATE customers_teammembership m SET valid_to = greatest(m.valid_from, %s), updated_at = now()"
            " FROM zk_wanted w WHERE m.account_id = w.account_id AND m.duty = %s AND m.valid_to IS NULL",
            [on, duty],
        )
        cursor.execute(
            "INSERT INTO customers_teammembership (account_id, staff_id, team_id, duty, valid_from, updated_at)"
            " SELECT account_id, staff_id, team_id, %s, %s, now() FROM zk_wanted",
            [duty, on],
        )
        cursor.execute(f"INSERT INTO {CHANGED} SELECT account_id FROM zk_wanted")
