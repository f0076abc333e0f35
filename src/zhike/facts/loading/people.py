"""What staff and accounts say about regions and teams: made, named, hung below each other. Refuses circles of regions.

The staff file is the authority on names and parents of regions; an account's file only makes regions nobody knows yet.
"""

from __future__ import annotations

from typing import Any

from zhike.facts.loading.incoming import INCOMING, REFUSED, refuse

_KEPT = f"NOT EXISTS (SELECT FROM {REFUSED} x WHERE x._row = i._row)"


def check_regions(cursor: Any, given: set[str]) -> None:
    """Refuse rows whose region would stand below itself."""
    if not {"region_code", "parent_region_code"} <= given:
        return
    cursor.execute(
        f"SELECT region_code, min(parent_region_code) FROM {INCOMING} i WHERE {_KEPT} AND region_code IS NOT NULL"
        " AND parent_region_code IS NOT NULL GROUP BY region_code"
    )
    named: dict[str, str] = dict(cursor.fetchall())
    cursor.execute("SELECT r.code, p.code FROM people_region r JOIN people_region p ON p.id = r.parent_id")
    parents = dict(cursor.fetchall()) | named
    circling = [code for code in named if _circles(code, parents)]
    if circling:
        refuse(cursor, "parent_region_code", "region_circle", "i.region_code = ANY(%s)", [circling])


def _circles(code: str, parents: dict[str, str]) -> bool:
    seen = {code}
    at = parents.get(code)
    while at is not None:
        if at == code:
            return True
        if at in seen:
            return False  # a circle further up: the regions within it are refused for themselves
        seen.add(at)
        at = parents.get(at)
    return False


def ensure_regions_of_accounts(cursor: Any, given: set[str]) -> None:
    """Make the regions that accounts name and nobody knows yet; name those that had only their code."""
    if "region_code" not in given:
        return
    name = "min(i.region_name)" if "region_name" in given else "NULL"
    cursor.execute(
        "INSERT INTO people_region AS r (code, name, path)"
        f" SELECT i.region_code, coalesce({name}, i.region_code), i.region_code || '/' FROM {INCOMING} i"
        f" WHERE {_KEPT} AND i.region_code IS NOT NULL GROUP BY i.region_code"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE r.name = r.code AND excluded.name <> r.code"
    )


def ensure_regions_of_staff(cursor: Any, given: set[str]) -> None:
    """Make, name and hang up the regions that the staff file names."""
    if "region_code" not in given:
        return
    if "parent_region_code" in given:
        cursor.execute(
            "INSERT INTO people_region (code, name, path)"
            " SELECT DISTINCT i.parent_region_code, i.parent_region_code, i.parent_region_code || '/'"
            f" FROM {INCOMING} i WHERE {_KEPT} AND i.parent_region_code IS NOT NULL ON CONFLICT (code) DO NOTHING"
        )
    name = "min(i.region_name)" if "region_name" in given else "NULL::text"
    parent = "min(i.parent_region_code)" if "parent_region_code" in given else "NULL::text"
    cursor.execute(
        "INSERT INTO people_region AS r (code, name, parent_id, path)"
        " SELECT n.code, coalesce(n.name, n.code), p.id, n.code || '/' FROM ("
        f" SELECT i.region_code AS code, {name} AS name, {parent} AS parent FROM {INCOMING} i"
        f" WHERE {_KEPT} AND i.region_code IS NOT NULL GROUP BY i.region_code) n"
        " LEFT JOIN people_region p ON p.code = n.parent"
        " ON CONFLICT (code) DO UPDATE SET"
        " name = CASE WHEN excluded.name <> excluded.code THEN excluded.name ELSE r.name END,"
        " parent_id = coalesce(excluded.parent_id, r.parent_id)"
        " WHERE (excluded.name <> excluded.code AND excluded.name <> r.name)"
        " OR (excluded.parent_id IS NOT NULL AND excluded.parent_id IS DISTINCT FROM r.parent_id)"
    )
    settle_paths(cursor)


def settle_paths(cursor: Any) -> None:
    """Write each region's path anew where it differs from the tree."""
    cursor.execute(
        "WITH RECURSIVE tree (id, path) AS (SELECT id, code || '/' FROM people_region WHERE parent_id IS NULL"
        " UNION ALL SELECT r.id, t.path || r.code || '/' FROM people_region r JOIN tree t ON t.id = r.parent_id)"
        " UPDATE people_region r SET path = t.path FROM tree t WHERE t.id = r.id AND r.path <> t.path"
    )


def ensure_teams(cursor: Any, given: set[str]) -> None:
    """Make and name the teams that the staff file names."""
    if "team_code" not in given:
        return
    name = "min(i.team_name)" if "team_name" in given else "NULL"
    cursor.execute(
        "INSERT INTO people_team AS t (code, name)"
        f" SELECT i.team_code, coalesce({name}, i.team_code) FROM {INCOMING} i"
        f" WHERE {_KEPT} AND i.team_code IS NOT NULL GROUP BY i.team_code"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name"
        " WHERE excluded.name <> excluded.code AND excluded.name <> t.name"
    )


def settle_teams(cursor: Any) -> None:
    """Put each team into the highest region of its people: computed from all of them, so the order of files is moot."""
    cursor.execute(
        "WITH places AS (SELECT DISTINCT ON (s.team_id) s.team_id, s.region_id FROM people_staff s"
        " JOIN people_region r ON r.id = s.region_id WHERE s.team_id IS NOT NULL AND s.active"
        " ORDER BY s.team_id, length(r.path), r.path)"
        " UPDATE people_team t SET region_id = p.region_id FROM places p"
        " WHERE p.team_id = t.id AND t.region_id IS DISTINCT FROM p.region_id"
    )
