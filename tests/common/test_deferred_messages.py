"""A sentence is worded when it is read, wherever it has been meanwhile."""

import json
import pickle

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.dates import DateError, parse_date
from common.deferred_messages import DeferredMessage, message_from_json
from common.errors import DomainError
from common.identity import IdentityError, parse_name

MSGID = "Row %(row)s, column “%(column)s”: %(reason)s"
REASON = "A name cannot contain digits; correct it."
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SENTENCES = st.recursive(
    st.builds(DeferredMessage, TEXTS),
    lambda inner: st.builds(
        DeferredMessage,
        TEXTS,
        st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers(), inner), max_size=4),
    ),
    max_leaves=5,
)


def test_a_sentence_and_the_reason_in_it_are_in_one_language() -> None:
    sentence = DeferredMessage(MSGID) % {
        "row": 2,
        "column": "Họ tên",
        "reason": DeferredMessage(REASON),
    }
    with translation.override("en"):
        assert str(sentence) == "Row 2, column “Họ tên”: A name cannot contain digits; correct it."
    with translation.override("vi"):
        assert str(sentence) == "Dòng 2, cột “Họ tên”: Họ tên không có chữ số; hãy sửa lại."


@given(SENTENCES)
def test_a_sentence_comes_out_of_storage_as_it_went_in(sentence: DeferredMessage) -> None:
    assert message_from_json(json.loads(json.dumps(sentence.as_json()))) == sentence
    assert pickle.loads(pickle.dumps(sentence)) == sentence  # noqa: S301  # just made


@pytest.mark.parametrize("text", ["", "Còn 100% chỗ.", "Họ tên không có chữ số; hãy sửa lại."])
def test_a_finished_text_stays_as_it_is(text: str) -> None:
    for language in ("vi", "en"):
        with translation.override(language):
            assert str(message_from_json(text)) == text
            assert DomainError("refused", text).message == text


def test_an_error_speaks_the_language_in_which_it_is_read() -> None:
    with translation.override("en"), pytest.raises(IdentityError) as refused:
        parse_name("An 2")
    with translation.override("vi"):
        assert refused.value.message == "Họ tên không có chữ số; hãy sửa lại."
        assert str(refused.value) == refused.value.message


def test_an_error_can_be_handed_to_another_process() -> None:
    with pytest.raises(DateError) as refused:
        parse_date("31/02/1990")
    same = pickle.loads(pickle.dumps(refused.value))  # noqa: S301  # just made
    assert (same.code, same.sentence) == (refused.value.code, refused.value.sentence)
