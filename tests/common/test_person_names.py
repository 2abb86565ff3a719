"""A person's name: what it keeps, what it drops unseen, what it refuses with a sentence."""

import unicodedata
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.errors import AccountError
from accounts.models import User
from accounts.services.invitations import invite
from audit.services import SYSTEM
from certificates.models import IssuingBody, Signer
from common.bulk import insert_many
from common.identity import IdentityError, parse_name
from common.legacy_encodings import legacy_encoding
from common.person_names import PersonNameField, PersonNameInput
from common.vietnamese import match_key, tidy
from people.models import Trainee
from tests.api.conftest import Visitor
from tests.factories import make_agency, make_coordinator, make_trainee, make_user

UNSEEN = (
    "\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u180e", "\u200b", "\u200d",
    "\u200f", "\u202e", "\u2060", "\u2066", "\u2069", "\u2800", "\u3164", "\ufe0f", "\ufeff",
    "\uffa0", "\ufff9", "\U000e0001", "\U000e0041", "\U000e007f", "\U000e0101", "\x00", "\x1b",
)  # fmt: skip
NAMES = (
    "Nguyễn Thị Ánh", "H'Hen Niê", "H’Hen Niê", "Y Bhăm Êban", "K'Brôi", "KʼBrôi", "Ƀuôn Ƀă",
    "ƀ č ĕ ŏ ŭ Č Ĕ Ŏ Ŭ", "Đặng-Vũ Lý", "Lê T. B.", "Jean‑Luc Đỗ", "Ñuñez", "Müller", "Ōno",
    "Điểu K'Ré", "Sùng A Dơ", "Thạch Sà Mít", "Ксения", "李小龍", "الياس",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_all_peoples_come_back_exactly(name):
    assert parse_name(name) == unicodedata.normalize("NFC", name)
    assert parse_name(unicodedata.normalize("NFD", name)) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("mark", UNSEEN)
def test_what_nobody_sees_is_dropped(mark):
    assert parse_name(f"{mark}Lê{mark} V{mark}ăn{mark} An{mark}") == "Lê Văn An"
    assert match_key(f"Lê V{mark}ăn An") == match_key("Lê Văn An")
    assert tidy(f"Bộ {mark}Y tế") == "Bộ Y tế"


@pytest.mark.parametrize(
    "name",
    ["Lê Văn 1", "Lê Văn ²", "Lê Văn Ⅳ", "Lê ❤ An", "Lê 😀", "Lê An ✓", "Lê+An", "Lê An (Bình)",
     "Lê An, TS", "Lê/An", "Lê An;", "<b>An</b>", "Lê An\ufffd", "An$", "Lê_An", "Lê “An”",
     "Lê\ue001 An", "Lê\u0378 An"],
)  # fmt: skip
def test_digits_symbols_and_broken_letters_are_refused_with_a_sentence(name):
    with pytest.raises(IdentityError) as refused:
        parse_name(name)
    assert refused.value.code in {"name_has_digits", "name_has_symbols", "legacy_encoding"}
    assert str(refused.value.message)


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


def _is_sound(name: str) -> bool:
    kinds = {unicodedata.category(letter) for letter in name}
    return (
        all(kind[0] in "LMPZS" for kind in kinds)
        and not kinds & {"Cf", "Cc", "Co", "Cn", "Cs", "So", "Sm", "Sc", "Zl", "Zp"}
        and name == unicodedata.normalize("NFC", name) == " ".join(name.split(" ")).strip()
        and not any(mark in name for mark in UNSEEN)
        and "  " not in name
    )


@given(ANY_TEXT)
def test_whatever_is_typed_a_name_is_sound_or_refused(text):
    try:
        name = parse_name(text)
    except IdentityError:
        return
    assert _is_sound(name)
    assert parse_name(name) == name


@given(ANY_TEXT)
def test_tidying_twice_is_tidying_once(text):
    once = tidy(text)
    assert tidy(once) == once
    assert all(letter.isprintable() for letter in once)


@given(
    st.lists(
        st.text(st.sampled_from("aăâbcdđeêoôơuưyƀčĕŏŭÀÁẢÃẠĐH'’.-"), min_size=1, max_size=8),
        min_size=1,
        max_size=5,
    ).map(" ".join),
    st.sampled_from(UNSEEN),
    st.data(),
)
def test_an_unseen_mark_anywhere_changes_no_name(name, mark, data):
    at = data.draw(st.integers(0, len(name)))
    try:
        plain = parse_name(name)
    except IdentityError:
        return
    typed = name[:at] + mark + name[at:]
    assume(not legacy_encoding(typed))  # a soft hyphen is a letter in an old encoding
    assert parse_name(typed) == plain


# No way in goes past it -----------------------------------------------------------------

HIDDEN = "Lê\u200b Văn\U000e0041\u202e  An\ufe0f"


@pytest.mark.django_db
def test_no_way_of_writing_a_row_stores_invisible_characters():
    trainee = make_trainee(full_name=HIDDEN)
    saved = Trainee.objects.get(pk=trainee.pk).full_name
    Trainee.objects.filter(pk=trainee.pk).update(full_name=HIDDEN)
    updated = Trainee.objects.get(pk=trainee.pk).full_name
    many = Trainee(full_name=HIDDEN, agency=trainee.agency)
    many.set_keys()
    insert_many([many])
    inserted = Trainee.objects.exclude(pk=trainee.pk).get().full_name
    trainee.full_name = HIDDEN
    Trainee.objects.bulk_update([trainee], ["full_name"])
    together = Trainee.objects.get(pk=trainee.pk).full_name
    assert {saved, updated, inserted, together} == {"Lê Văn An"}
    assert Trainee.objects.filter(match_key=match_key("Lê Văn An")).count() == 2


@pytest.mark.django_db
def test_accounts_and_signers_are_named_the_same_way():
    user = make_user(full_name=HIDDEN)
    body = IssuingBody.objects.create(name=f"Cục\u200b A{UNSEEN[-3]}")
    signer = Signer.objects.create(body=body, name=HIDDEN, title="T")
    agency = make_agency(name_vi="Bộ\u2060 Y tế\U000e0041")
    for row in (user, body, signer, agency):
        row.refresh_from_db()
    found = (user.full_name, body.name, signer.name, agency.name_vi)
    assert found == ("Lê Văn An", "Cục A", "Lê Văn An", "Bộ Y tế")


def test_every_column_that_names_a_person_is_of_the_one_kind():
    from django.apps import apps

    named = {"full_name", "signer_name"}
    others = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.fields
        if field.name in named and not isinstance(field, PersonNameField)
    ]
    assert others == []


@pytest.mark.parametrize("name", ["Lê Văn 1", "An 😀", "<An>"])
def test_a_form_refuses_what_is_no_name(name):
    with pytest.raises(ValidationError):
        PersonNameInput().clean(name)
    assert PersonNameInput().clean(HIDDEN) == "Lê Văn An"


def form_fields() -> dict[str, Any]:
    """Every field of a form of ours that asks for a person's name."""
    from importlib import import_module

    from django.forms import BaseForm

    import_module("lms.urls")

    def below(kind: type) -> set[Any]:
        return {kind}.union(*(below(one) for one in kind.__subclasses__()))

    return {
        f"{form.__name__}.{name}": field
        for form in below(BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if name in {"full_name", "signer_name"}
        or (form.__name__ in {"SignerForm", "CheckInForm", "WalkInForm"} and name == "name")
    }


def test_every_form_that_asks_for_a_name_reads_it_the_same_way():
    fields = form_fields()
    assert len(fields) >= 8
    assert [name for name, one in fields.items() if not isinstance(one, PersonNameInput)] == []


@pytest.mark.django_db
def test_the_api_and_the_shell_read_names_the_same_way():
    agency = make_agency("own")
    visitor = Visitor(make_coordinator(agency))
    body = {"full_name": HIDDEN, "birth_date": "1990-02-01", "agency": "own"}
    assert visitor.post("trainees/", body).json()["full_name"] == "Lê Văn An"
    assert visitor.post("trainees/", body | {"full_name": "An 😀"}).status_code == 400
    invited = invite(by=SYSTEM, email="a@x.vn", full_name=HIDDEN, roles={Role.TRAINER: None})
    assert User.objects.get(pk=invited.pk).full_name == "Lê Văn An"
    with pytest.raises(AccountError):
        invite(by=SYSTEM, email="b@x.vn", full_name="An 1", roles={Role.TRAINER: None})
