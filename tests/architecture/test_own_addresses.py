"""A key that somebody types stands in addresses next to fixed words: none may hide a page."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver, reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from agencies.services import enter_agency
from audit.services import SYSTEM
from common.errors import DomainError
from competencies.layouts import AudienceRow
from competencies.services.audience_rows import drafts_of_rows
from competencies.services.audiences import RuleContent, enter_audience
from courses.services import require_code
from courses.services.catalogue import change_course, enter_course
from tests.factories import make_course, make_user

pytestmark = pytest.mark.django_db

PARAMETER = re.compile(r"<(?:(\w+):)?\w+>")


def enter_this_agency(word: str) -> None:
    enter_agency(by=SYSTEM, slug=word, name_vi="Bộ A", kind="ministry")


def enter_this_audience(word: str) -> None:
    enter_audience(by=SYSTEM, slug=word, title_vi="Lãnh đạo", content=RuleContent())


def enter_this_course(word: str) -> None:
    enter_course(by=SYSTEM, code=word, title_vi="Khóa", periods=8, delivery="in_person")


# What enters a key that people choose, by the route of its page.
ENTERED: dict[str, Callable[[str], None]] = {
    "agency": enter_this_agency,
    "agency_kind": enter_this_agency,
    "coordinators": enter_this_agency,
    "correct_agency": enter_this_agency,
    "audience": enter_this_audience,
    "course": enter_this_course,
    "run": require_code,
    "rematch_course": require_code,
}
# Keys that the site makes, always with digits or of a fixed list: none is a word of an address.
MADE_BY_THE_SITE = {
    "act_on_account": "a fixed list of actions",
    "agency_options": "a fixed list of scopes",
    "certificate": "a code with digits",
    "certificate_credential": "a code with digits",
    "certificate_duplicate": "a code with digits",
    "certificate_duplicates": "a code with digits",
    "certificate_file": "a code with digits",
    "certificate_reissue": "a code with digits",
    "certificate_revoke": "a code with digits",
    "confirmation": "a code with digits",
    "person": "a code with digits",
    "report": "a code with digits",
    "shared_certificate": "a random token",
    "verify_code": "a code with digits",
    "verify_credential": "a code with digits",
}


def patterns(found: Any, before: str = "") -> Iterator[tuple[list[str], str]]:
    for one in found:
        here = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, here)
        else:
            yield here.split("/"), one.name or ""


def kind(part: str) -> str:
    match = PARAMETER.fullmatch(part)
    return (match[1] or "str") if match else ""


def may_meet(one: str, other: str) -> bool:
    if kind(one) and kind(other):
        return True
    word, parameter = (one, other) if kind(other) else (other, one)
    if kind(parameter) == "int":
        return word.isdigit()
    return kind(parameter) in ("str", "slug") or one == other


def collisions() -> dict[str, set[str]]:
    """The fixed words that stand where the key of a route does."""
    known = [
        (parts, name)
        for parts, name in patterns(get_resolver().url_patterns)
        if parts[0] != "admin" and not any("(" in part for part in parts)
    ]
    words: dict[str, set[str]] = defaultdict(set)
    for parts, name in known:
        for at, part in enumerate(parts):
            if kind(part) not in ("str", "slug"):
                continue
            for others, _name in known:
                meets = len(others) == len(parts) and all(map(may_meet, parts, others))
                if meets and others[at] and "<" not in others[at]:
                    words[name].add(others[at])
    return words


def test_every_key_next_to_a_fixed_word_is_checked_or_made_by_the_site():
    assert set(collisions()) == set(ENTERED) | set(MADE_BY_THE_SITE)


def test_no_key_is_entered_whose_address_is_another_page():
    for route, enter in ENTERED.items():
        for word in collisions()[route]:
            with pytest.raises(DomainError) as refused:
                enter(word)
            assert refused.value.code == "reserved_word", (route, word)


def test_words_that_only_look_like_another_page_are_taken():
    enter_this_agency("news")
    enter_this_audience("imports")
    enter_this_course("NEW")


def test_a_course_is_not_renamed_to_another_page():
    with pytest.raises(DomainError) as refused:
        change_course(by=SYSTEM, course=make_course("AI-1"), code="new")
    assert refused.value.code == "reserved_word"


def test_a_file_of_audiences_says_where_the_word_stands():
    row = AudienceRow("import", "Lãnh đạo", "", "", "", "", "", "", "", "", row=2)
    drafts, problems = drafts_of_rows([row])
    assert drafts == []
    assert len(problems) == 1
    assert "“import”" in problems[0]
    assert "2" in problems[0]


@pytest.mark.parametrize("route", ["new_audience", "new_agency"])
def test_the_form_says_it_too(client, route):
    create_second_factor(by=SYSTEM, user=(office := make_user(Role.PROGRAMME_OFFICE)))
    client.force_login(office)
    sent = {"slug": "new", "title_vi": "Lãnh đạo", "name_vi": "Bộ A", "kind": "ministry"}
    assert "“new”" in client.post(reverse(route), sent).content.decode()
