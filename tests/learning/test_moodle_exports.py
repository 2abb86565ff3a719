"""Question files as Moodle exports them (``data/README.md``), and what of them is refused."""

from pathlib import Path
from typing import Any

import pytest

from learning.choices import Difficulty
from learning.services.questions import read_bank
from learning.sheets.drafts import Draft

DATA = Path(__file__).parent / "data"


def read(name: str) -> list[Draft]:
    found, problems = read_bank((DATA / name).read_bytes(), name)
    assert [(line, str(sentence)) for line, sentence in problems] == []
    return found


def problem_of(content: str, ending: str = "gift") -> str:
    _drafts, [(_line, sentence)] = read_bank(content.encode(), f"x.{ending}")
    return str(sentence.msgid)


def sides(draft: Draft, *names: str) -> list[Any]:
    return [tuple(one[name] for name in names) for one in draft.answers["options"]]


def test_a_gift_export_is_read_right() -> None:
    single, multiple, truth, pi, capital, pairs, order, lines = read("export.gift")
    assert {one.part for one in read("export.gift")} == {"Đạo đức AI/Pháp luật"}
    assert single.text_vi == "Văn bản nào quy định về dữ liệu: A = B?"
    assert (single.difficulty, single.explanation_vi) == (
        Difficulty.HARD,
        "Bảo vệ dữ liệu cá nhân.",
    )
    assert sides(single, "vi", "right") == [
        ("Nghị định 13/2023/NĐ-CP", True),
        ("Không có văn bản nào", False),
    ]
    assert (multiple.kind, [right for (right,) in sides(multiple, "right")]) == (
        "multiple",
        [True, True, False],
    )
    assert sides(multiple, "vi")[2] == ("Tra bảng a -> b",)
    assert (truth.answers, truth.explanation_vi) == (
        {"right": False},
        "Mọi mô hình đều có sai số.",
    )
    assert pi.answers == {"value": "3.14", "tolerance": "0.005"}
    assert capital.answers == {"accepted": ["Hà Nội", "C:\\Ha_Noi"]}
    assert sides(pairs, "vi", "match_vi") == [("cat", "mèo"), ("dog", "chó")]
    assert (order.kind, sides(order, "vi")) == (
        "ordering",
        [("Thu thập",), ("Huấn luyện",), ("Sử dụng",)],
    )
    assert lines.text_vi == "Dòng một\nDòng hai"


def test_an_xml_export_is_read_right() -> None:
    single, multiple, truth, pi, capital, pairs, order = read("export.xml")
    assert (single.text_vi, single.part) == (
        "Văn bản nào quy định về dữ liệu <cá nhân>?",
        "Đạo đức AI/Pháp luật",
    )
    assert (single.kind, single.difficulty) == ("single", Difficulty.HARD)
    assert sides(multiple, "vi", "right")[2:] == [("Nếu a < b thì học", True), ("Tra bảng", False)]
    assert truth.answers == {"right": False}
    assert pi.answers == {"value": "3.14", "tolerance": "0.005"}
    assert capital.answers == {"accepted": ["Hà Nội", "<Ha Noi>"]}
    assert sides(pairs, "vi", "match_vi") == [("chữ đậm", "<b>"), ("chữ nghiêng", "<i>")]
    assert sides(order, "vi") == [("Thu thập",), ("Huấn luyện",), ("Sử dụng",)]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Động vật nào? {=%100%Ếch =%50%Mèo =%0%*}", "partly right"),
        ("Năm nào? {#=1822:0 =%50%1822:2}", "partly right"),
        ("Năm nào? {#=1822:0 =1900:0}", "one number"),
        ("Ai? {~%75%A ~%25%B ~%-100%C}", "different weight"),
        ("Ai? {=A =B ~C}", "exactly one"),
        ("Ở đâu? {=*Nội*}", "pattern"),
        ("Ghép {=a -> x = -> y}", "sides"),
        ("Chỉ là lời dẫn", "asks nothing"),
        ("Nghe {=a ~b} <a href\\=\"@@PLUGINFILE@@/a.mp3\">", "Pictures and sounds"),
        ("Hình nào? {=[html]<img src\\=\"x.png\"> ~b}", "Pictures and sounds"),
        ("Viết {}", "essay"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_named_and_not_changed_without_a_word(
    question: str, words: str
) -> None:
    assert words in problem_of(question)


def test_a_picture_said_to_a_single_answer_does_not_keep_the_question_out() -> None:
    drafts, problems = read_bank(
        b'X? {\n\t=a#[html]<img src\\="@@PLUGINFILE@@/x.png">\n\t~b\n}', "x.gift"
    )
    assert (len(drafts), problems) == (1, [])


@pytest.mark.parametrize("kind", ["essay", "cloze", "description", "calculated", "ddwtos"])
def test_a_kind_that_cannot_be_graded_is_named(kind: str) -> None:
    content = f'<quiz><question type="{kind}"><name><text>x</text></name></question></quiz>'
    _drafts, [(line, sentence)] = read_bank(content.encode(), "x.xml")
    assert line == 1
    assert kind in str(sentence)


def test_a_comment_and_a_number_with_words_for_the_others_are_no_part_of_a_question() -> None:
    text = "// chú thích\nTừ 1 đến 5? {#3:2~#Sai hoàn toàn}\n\n// khác\n::2-08 TSL::TSL {TRUE}\n"
    drafts, problems = read_bank(text.encode(), "x.txt")
    assert problems == []
    assert [one.answers for one in drafts] == [{"value": "3", "tolerance": "2"}, {"right": True}]
