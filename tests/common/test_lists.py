"""Lists: cards on a phone, columns to sort by, pages that begin behind a row."""

import re

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.services import create_second_factor
from audit.services import SYSTEM
from common.form_choices import QuickSelect
from common.keyset import beyond
from common.lists import Column, badge, linked
from common.sorting import Sorting
from common.templatetags.components import filter_fields
from people.models import Trainee
from people.services.merges import merge
from tests.factories import make_agency, make_run, make_trainee, make_user

COLUMNS = {"name": ("sort_key", "pk"), "days": ("starts_on", "-code")}
TABLE = """{% load components %}{% card_table "Rows" %}
<thead><tr><th scope="col">Name</th><th scope="col">State “x”</th></tr></thead>
<tbody><tr><th scope="row">A</th><td>good</td></tr>
<tr><td colspan="2">nothing</td></tr></tbody>{% endcard_table %}"""


def signed_in() -> Client:
    user = make_user("auditor")
    create_second_factor(by=SYSTEM, user=user)
    client = Client()
    client.force_login(user)
    return client


# Cards --------------------------------------------------------------------------------------


def test_each_cell_of_a_card_says_what_its_column_is_called():
    text = Template(TABLE).render(Context())
    assert '<td role="cell" data-label="State “x”">good</td>' in text
    assert '<th scope="row" role="rowheader">A</th>' in text
    assert '<th scope="col" role="columnheader">Name</th>' in text


def test_a_cell_with_nothing_in_it_is_empty_and_so_left_out_on_a_phone():
    text = Template(TABLE.replace("good", "\n  {% if no %}x{% endif %}\n")).render(Context())
    assert '<td role="cell" data-label="State “x”"></td>' in text


def test_a_cell_over_all_columns_has_no_label():
    assert '<td colspan="2" role="cell">nothing</td>' in Template(TABLE).render(Context())


def test_cells_of_a_long_list_are_escaped_once():
    columns = (Column("Name"), Column("50 % <b>", kind="number"))
    rows = [(linked("/a/", "<Lê>", "HV"), "<5>"), ("B", badge("<tốt>", "good"))]
    text = Template("{% load components %}{% list_table 'All' columns rows %}").render(
        Context({"columns": columns, "rows": rows})
    )
    assert '<a href="/a/">&lt;Lê&gt;</a> <span class="beneath code">HV</span>' in text
    assert 'class="number" data-label="50 % &lt;b&gt;">&lt;5&gt;</td>' in text
    assert '<span class="badge badge-good">&lt;tốt&gt;</span>' in text


def test_labels_and_attributes_of_a_filter_are_escaped_once():
    class Narrowing(forms.Form):
        kind = forms.ChoiceField(
            label="<kind>", choices=[("", "all"), ("<a>", "A & B")], widget=QuickSelect
        )
        within = forms.CharField(widget=forms.HiddenInput, initial='"x"')

    text = str(filter_fields(Narrowing(initial={"kind": "<a>"})))
    assert '<label for="id_kind">&lt;kind&gt;</label>' in text
    assert '<option value="">all</option>' in text
    assert '<option value="&lt;a&gt;" selected>A &amp; B</option>' in text
    assert '<input type="hidden" name="within" value="&quot;x&quot;" id="id_within">' in text


# Sorting ------------------------------------------------------------------------------------


def sorting(query: str = "", **kept: str) -> Sorting:
    return Sorting(QueryDict(query), COLUMNS, default="-days", kept=kept)


def test_a_list_without_a_wish_is_sorted_by_its_default():
    assert sorting().fields == ("-starts_on", "code")
    assert sorting().query == ""


def test_an_unknown_column_is_the_default():
    assert sorting("sort=password").fields == sorting().fields


def test_a_column_is_sorted_by_its_reverse_the_second_time():
    assert sorting().link("name") == "?sort=name"
    assert sorting("sort=name").link("name") == "?sort=-name"
    assert sorting("sort=-name").link("name") == "?sort=name"


def test_readers_of_the_head_hear_which_column_it_is():
    assert sorting("sort=-name").state("name") == "descending"
    assert sorting("sort=name").state("name") == "ascending"
    assert sorting("sort=name").state("days") == ""


def test_links_keep_how_the_list_is_narrowed():
    assert sorting("sort=name", q="an", agency="").link("days") == "?q=an&sort=days"
    assert sorting("sort=name", q="an").query == "q=an&sort=name&"


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["people", "runs", "agencies", "accounts", "jobs", "rosters"])
def test_every_column_of_every_list_can_be_sorted_by_in_both_directions(route):
    make_run()
    make_trainee(make_agency())
    client = signed_in()
    page = client.get(reverse(route)).content.decode()
    for link in re.findall(r'<th [^>]*><a href="(\?[^"]*sort=[^"]*)"', page):
        for way in (link, link.replace("sort=", "sort=-")):
            answer = client.get(reverse(route) + way)
            assert answer.status_code == 200
            assert "aria-sort=" in answer.content.decode()


# Pages --------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.both_engines
@pytest.mark.parametrize("sort", ["name", "-name", "birth", "-birth", "agency", "-agency"])
def test_a_sorted_list_of_people_leads_through_everybody_once(sort):
    agencies = [make_agency(name_vi=name) for name in ("Bộ A", "Bộ B")]
    for n in range(55):
        birth = {"birth_date": None, "birth_year": None if n % 5 else 1980 + n % 3}
        make_trainee(agencies[n % 2], full_name=f"Lê Văn {'ABC'[n % 3]}", **birth)
    client, seen = signed_in(), list[str]()
    query = f"?sort={sort}"
    while query:
        page = client.get(reverse("people") + query).content.decode()
        seen += re.findall(r'beneath code">(HV-\w+)<', page)
        following = re.search(r'rel="next" href="(\?[^"]+)"', page)
        query = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == 55
    assert set(seen) == set(Trainee.objects.values_list("code", flat=True))


@pytest.mark.django_db
def test_the_total_leaves_out_the_erased_and_the_merged():
    for _ in range(3):
        make_trainee()
    merge(by=SYSTEM, survivor=make_trainee(), absorbed=make_trainee())
    assert "Số người: 4." in signed_in().get(reverse("people")).content.decode()


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), unique=True, min_size=1),
    signs=st.tuples(st.booleans(), st.booleans()),
    at=st.integers(0, 50),
)
def test_what_lies_beyond_a_row_is_what_follows_it_in_the_order(rows, signs, at):
    order = [("-" if down else "") + name for name, down in zip("ab", signs, strict=True)]

    def key(row):
        return tuple(-v if down else v for v, down in zip(row, signs, strict=True))

    ordered = sorted(rows, key=key)
    edge = ordered[at % len(ordered)]
    found = [
        row for row in ordered if _holds(beyond(order, edge), dict(zip("ab", row, strict=True)))
    ]
    assert found == ordered[ordered.index(edge) + 1 :]


def _holds(condition, row) -> bool:
    tests = {
        "gt": lambda a, b: a > b,
        "lt": lambda a, b: a < b,
        "gte": lambda a, b: a >= b,
        "lte": lambda a, b: a <= b,
    }
    results = []
    for child in condition.children:
        if isinstance(child, tuple):
            name, _sep, look = child[0].partition("__")
            results.append(tests[look](row[name], child[1]) if look else row[name] == child[1])
        else:
            results.append(_holds(child, row))
    return all(results) if condition.connector == "AND" else any(results)
