"""Columns are found whatever their spelling, order and prefix."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.headers import Header, fold
from app.imports.profile import parse_profile
from tests.imports.conftest import Desk

SPELLINGS = ["Deal Name", "deal_name", "DealName", "DEAL-NAME", " deal name ", "Deal name:", "dealname"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_one_column_in_many_spellings(name: str) -> None:
    assert fold(name) == "dealname"


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Active__c", "activec"),
        ("properties.Name", "properties.name"),
        ("fields.status.name", "fields.status.name"),
        ("Acct. Name", "acctname"),
        ("$insert_id", "insertid"),
        ("Straße", "strasse"),
        ("#", "#"),
        ("Größe (m²)", "grössem2"),
    ],
)
def test_paths_and_signs(name: str, folded: str) -> None:
    assert fold(name) == folded


def test_a_prefix_may_be_left_out_and_the_plain_name_goes_before() -> None:
    header = Header(["id", "property_name", "property_id", "properties.city"], ["property_", "properties."])
    assert header.find("Name") == [1]
    assert header.find("id") == [0]
    assert header.find("property_id") == [2]
    assert header.find("city") == [3]
    assert header.find("country") == []


def test_repeated_columns_are_known() -> None:
    header = Header(["Labels", "labels", "", "", "Key"])
    assert header.find("Labels") == [0, 1]
    assert header.repeated() == ["Labels"]


CRM = parse_profile("""
name: crm
source: crm
tables:
  accounts:
    file: companies.csv
    fields:
      id: Record ID
      name: Company Name
      owner: Company Owner
      licensed_seats: Licensed_Seats__c
""")
COLUMNS = {"Record ID": "a1", "Company Name": "Acme", "Company Owner": "Ann", "Licensed Seats (c)": "5"}


def respelt(name: str, dice: random.Random) -> str:
    words = name.split()
    joined = dice.choice([" ", "_", "-", "", "  "]).join(words)
    return dice.choice([joined, joined.upper(), joined.lower(), "".join(w.title() for w in words), f" {joined} "])


@given(dice=st.randoms(use_true_random=False), mark=st.booleans(), crlf=st.booleans())
def test_case_order_and_byte_order_mark_change_nothing(
    desks: Desk, dice: random.Random, mark: bool, crlf: bool
) -> None:
    columns = dice.sample(list(COLUMNS), len(COLUMNS))
    text = ",".join(respelt(name, dice) for name in columns) + "\n" + ",".join(COLUMNS[name] for name in columns) + "\n"
    content = (b"\xef\xbb\xbf" if mark else b"") + (text.replace("\n", "\r\n") if crlf else text).encode()
    report = desks.load({"companies.csv": content}, profile=CRM)
    assert report.errors == []
    assert report.tables["accounts"].warnings == {}
    assert desks.rows("accounts", "id", "name", "owner", "licensed_seats") == [("a1", "Acme", "Ann", 5)]
