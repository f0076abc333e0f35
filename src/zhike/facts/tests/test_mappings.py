"""Mappings by upload and by name: chained joins, several outputs for one table, accounts that the same files bring."""

from __future__ import annotations

import pytest

from zhike.customers.models import Account
from zhike.facts.loading.lake import lake
from zhike.facts.tests.conftest import ALL, Door

pytestmark = pytest.mark.django_db
CHAINED = """
version: 1
sources:
  people: {file: people.csv}
  places: {file: places.csv}
  states: {file: states.csv}
outputs:
  - table: accounts
    source: people
    joins:
      - {source: places, on: {place: id}}
      - {source: states, on: {places.state: id}}
    columns:
      account_code: id
      name: {template: "客户 {id}"}
      region_code: {constant: LG}
      address: {template: "{places.town}, {states.label}"}
  - table: bills
    source: people
    columns: {account_code: id, period: {constant: 202609}, bill_code: id, line: {constant: 1},
              item: {constant: 月租}, amount: rent}
  - table: bills
    source: people
    filter: [{column: calls, filled: true}]
    columns: {account_code: id, period: {constant: 202609}, bill_code: id, line: {constant: 2},
              item: {constant: 通话}, amount: calls}
"""


def test_joins_chain_and_outputs_of_one_table_add_up(come_in: Door) -> None:
    files = {
        "people.csv": b"id,place,rent,calls\nN1,p1,10.00,2.50\nN2,p2,20.00,\n",
        "places.csv": "id,town,state\np1,青禾,s1\np2,衡岱,s1\n".encode(),
        "states.csv": "id,label\ns1,临州\n".encode(),
    }
    came = come_in("", files, mapping=CHAINED)
    assert came.error == ""
    assert Account.objects.unscoped(reason=ALL).get(code="N2").address == "衡岱, 临州"
    lines = lake().rows("bills", columns=("bill_code", "line", "amount_fen"))
    found = sorted((row["bill_code"], row["line"], row["amount_fen"]) for row in lines)
    assert found == [("N1", 1, 1000), ("N1", 2, 250), ("N2", 1, 2000)]


def test_empty_cells_clear_only_when_the_mapping_says_so(come_in: Door) -> None:
    mapping = """
version: 1
sources: {a: {file: "*.csv"}}
outputs:
  - table: accounts
    source: a
    clear_empty: true
    columns: {account_code: code, name: name, region_code: {constant: LG}, industry: industry}
"""
    files = {"a.csv": "code,name,industry\nG1,公司G1,教育\n".encode()}
    come_in("", files, mapping=mapping)
    come_in("accounts", {"b.csv": "account_code,name,region_code,industry\nG1,公司G1,LG,\n".encode()})
    assert Account.objects.unscoped(reason=ALL).get(code="G1").industry == "教育"
    come_in("", {"a.csv": "code,name,industry\nG1,公司G1,\n".encode()}, mapping=mapping)
    assert Account.objects.unscoped(reason=ALL).get(code="G1").industry == ""
