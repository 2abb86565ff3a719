"""A certificate under another person's name is impossible, whatever mistake the filler makes."""

import io
import re
import zlib
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from certificates.compiled import Reason, UnusualError, design, qr, reading_back, writing
from certificates.compiled.skeleton import Skeleton
from certificates.models import Certificate
from certificates.pdf.page import qr_png
from certificates.services import documents
from tests.certificates.compiled.conftest import CREDENTIAL
from tests.certificates.compiled.people import certificate_of
from tests.certificates.conftest import OFFICE
from tests.certificates.samples import usual
from tests.certificates.steps import issue_for_run
from tests.pdfs import text_of


@pytest.fixture(params=["own bytes", "libraries"])
def one_reader(request, default_ways, monkeypatch) -> None:
    """Either reader alone: what one of them overlooks does not count as noticed by the other."""
    default_ways.compiled.make(usual(), CREDENTIAL)
    alone = {
        "own bytes": lambda _reader, made: [reading_back.read(made.tail, made.template)],
        "libraries": lambda _reader, made: [reading_back.read_by_libraries(made.content)],
    }
    monkeypatch.setattr(reading_back.Reader, "_readings", alone[request.param])


def refused(made) -> Reason:
    with pytest.raises(UnusualError) as unusual:
        made()
    return unusual.value.reason


@pytest.mark.usefixtures("one_reader")
@pytest.mark.parametrize("field", ["full_name", "register_number", "course_title", "position"])
def test_two_people_swapped_by_the_filler_are_noticed(default_ways, monkeypatch, field):
    """The mistake of the trial: a text of the first certificate stayed for all."""
    default_ways.compiled.make(usual(), CREDENTIAL)
    first = {"full_name": "Trần Văn Đức", "register_number": "0099/2024/AI"}
    wrong = first.get(field, "Nhập môn")
    right = Skeleton.fill

    def swapped(self, values, fillings):
        drawn = "name_lines" if field == "full_name" else field
        names = [name for name in values if name.startswith(drawn)]
        return right(self, dict(values) | dict.fromkeys(names, wrong), fillings)

    monkeypatch.setattr(Skeleton, "fill", swapped)
    assert refused(lambda: default_ways.compiled.make(usual(), CREDENTIAL)) == Reason.READ_BACK


@pytest.mark.usefixtures("one_reader")
@pytest.mark.parametrize("field", ["name_lines", "register_number", "position"])
def test_a_longer_text_that_begins_with_the_right_one_is_noticed(default_ways, monkeypatch, field):
    """*An* stands in *Anh* too: another person's certificate would read back."""
    right = Skeleton.fill

    def longer(self, values, fillings):
        wrong = {name: f"{values[name]}h" for name in values if name.startswith(field)}
        return right(self, dict(values) | wrong, fillings)

    monkeypatch.setattr(Skeleton, "fill", longer)
    assert refused(lambda: default_ways.compiled.make(usual(), CREDENTIAL)) == Reason.READ_BACK


@pytest.mark.usefixtures("one_reader")
@pytest.mark.parametrize("hole", range(0, 24, 3))
def test_a_run_that_is_not_drawn_is_noticed(default_ways, monkeypatch, hole):
    right = writing.Template._page_content

    def without_one(self, holes):
        at = hole % len(holes)
        return right(self, [*holes[:at], (holes[at][0], b"<>"), *holes[at + 1 :]])

    monkeypatch.setattr(writing.Template, "_page_content", without_one)
    assert refused(lambda: default_ways.compiled.make(usual(), CREDENTIAL)) == Reason.READ_BACK


@pytest.mark.usefixtures("one_reader")
def test_glyphs_that_the_font_does_not_name_are_no_letters(default_ways, monkeypatch):
    """The number of such a glyph was taken for a letter's: a page of boxes read as the name."""
    made = default_ways.compiled.make(usual(), CREDENTIAL)
    holes_read, right = reading_back.Reader(made)._holes, writing.Template._page_content
    forged: list[int] = []

    def numbers_of_letters(self, holes):
        holes = list(holes)
        for (_x, _glyphs, hole), read in zip(self.holes, holes_read, strict=True):
            alphabet, (x, operand) = read[2], holes[hole]

            def forge(run, alphabet=alphabet):
                glyphs = [int(run[1][at : at + 4], 16) for at in range(0, len(run[1]), 4)]
                codes = [ord(alphabet[glyph][0]) for glyph in glyphs]
                forged.extend(code for code in codes if code not in alphabet)
                pairs = zip(glyphs, codes, strict=True)
                return b"<%s>" % b"".join(
                    b"%04x" % (glyph if code in alphabet else code) for glyph, code in pairs
                )

            holes[hole] = x, re.sub(rb"<([0-9a-f]+)>", forge, operand)
        return right(self, holes)

    monkeypatch.setattr(writing.Template, "_page_content", numbers_of_letters)
    assert refused(lambda: default_ways.compiled.make(usual(), CREDENTIAL)) == Reason.READ_BACK
    assert forged


@pytest.mark.usefixtures("one_reader")
def test_a_qr_code_of_somebody_else_is_noticed(default_ways, monkeypatch):
    right = qr.qr_image
    monkeypatch.setattr(writing, "qr_image", lambda url: right(url[:-1] + "2"))
    assert refused(lambda: default_ways.compiled.make(usual(), CREDENTIAL)) == Reason.READ_BACK


@pytest.mark.usefixtures("one_reader")
@pytest.mark.parametrize("word", ["title", "keywords", "xml_title"])
def test_words_of_somebody_else_about_the_file_are_noticed(default_ways, monkeypatch, word):
    right = design._words
    monkeypatch.setattr(
        design, "_words", lambda about, content: right(about, content) | {word: b"(Lan)"}
    )
    assert refused(lambda: default_ways.compiled.make(usual(), CREDENTIAL)) == Reason.READ_BACK


@pytest.mark.usefixtures("one_reader")
def test_the_credential_of_somebody_else_is_noticed(default_ways, monkeypatch):
    right = design._words
    monkeypatch.setattr(design, "_words", lambda about, _content: right(about, b'{"name": "Lan"}'))
    assert refused(lambda: default_ways.compiled.make(usual(), CREDENTIAL)) == Reason.READ_BACK


def test_a_stream_that_cannot_be_unpacked_is_noticed(tampering):
    head, _stream_of_it = _stream(tampering.made.tail, tampering.made.template.numbers["content"])
    assert tampering.seen(tampering.made.tail.replace(head, head.replace(head[-60:-40], bytes(20))))


def test_many_people_of_one_make_up_each_get_their_own(default_ways):
    for number in range(40):
        fields = certificate_of(number)
        made = default_ways.compiled.make(fields, CREDENTIAL)
        assert fields.full_name in text_of(made.content)


def test_patterns_of_the_qr_code_sum_to_the_one_that_is_drawn():
    for number in range(30):
        url = certificate_of(number).verification_url
        side, packed = qr.qr_image(url)
        rows = zlib.decompress(packed)
        with Image.open(io.BytesIO(qr_png(url))) as drawn:
            assert drawn.size == (side, side)
            modules = drawn.reduce(8).tobytes()
        width = side // 8
        firsts = [rows[at * (width + 1) + 1 :][:width] for at in range(0, side, 8)]
        assert b"".join(firsts) == modules


@pytest.mark.django_db
def test_what_does_not_read_back_is_rendered_and_recorded(run, monkeypatch):
    monkeypatch.setattr(
        "certificates.compiled.reading_back.Reader.differs", lambda *_arguments: "text"
    )
    for certificate in issue_for_run(by=OFFICE, run=run).issued:
        assert certificate.made_with == "rendered:read_back"
        assert certificate.printed_value("full_name") in text_of(certificate.file.read())


@pytest.mark.django_db
def test_one_in_so_many_is_made_both_ways_and_a_difference_is_not_stored(run, monkeypatch, caplog):
    monkeypatch.setattr(documents, "COMPARED", 1)
    monkeypatch.setattr(documents, "differences", lambda _one, _other: ["operators"])
    issue_for_run(by=OFFICE, run=run)
    assert set(Certificate.objects.values_list("made_with", flat=True)) == {"rendered:different"}
    assert "differs in operators" in caplog.text


@pytest.mark.django_db
def test_where_both_ways_agree_the_compiled_file_is_stored(run, monkeypatch):
    monkeypatch.setattr(documents, "COMPARED", 1)
    issue_for_run(by=OFFICE, run=run)
    assert {len(made) for made in Certificate.objects.values_list("made_with", flat=True)} == {64}


# What the small reader alone must see ----------------------------------------------------


class Tampering:
    """A file as it was written, and the same with changes, read by the small reader."""

    def __init__(self, made: writing.Written, expected: reading_back.Expected) -> None:
        self.made, self.expected = made, expected
        self.reader = reading_back.Reader(made)
        assert not self.seen(made.tail)

    def seen(self, tail: bytes) -> str:
        return self.reader.differs(replace(self.made, tail=tail), self.expected)


@pytest.fixture
def tampering(default_ways, monkeypatch) -> Tampering:
    asked: list[reading_back.Expected] = []
    right = reading_back.Reader.differs

    def listening(self: Any, written: writing.Written, expected: reading_back.Expected) -> str:
        asked.append(expected)
        return right(self, written, expected)

    monkeypatch.setattr(reading_back.Reader, "differs", listening)
    made = default_ways.compiled.make(usual(), CREDENTIAL)
    monkeypatch.setattr(reading_back.Reader, "differs", right)
    monkeypatch.setattr(
        reading_back.Reader, "_readings",
        lambda _reader, made: [reading_back.read(made.tail, made.template)],
    )  # fmt: skip
    return Tampering(made, asked[0])


@pytest.mark.parametrize("text", range(3))
def test_a_name_number_or_code_that_is_not_printed_is_noticed(tampering, text):
    """Even where every paragraph is as the compiled design has it."""
    texts = list(tampering.expected.texts)
    texts[text] += "X"
    expected = tampering.expected._replace(texts=tuple(texts))
    assert tampering.reader.differs(tampering.made, expected) == "text"


def test_references_to_other_places_are_noticed(tampering):
    """What stands at a place does not count, only what the file's own table points to."""
    tail, template = tampering.made.tail, tampering.made.template
    head = tail.rindex(b"/Type /XRef")
    table = tail.index(b"stream\n", head) + 7
    index = tail[tail.index(b"[", tail.index(b"/Index", head)) + 1 :].partition(b"]")[0].split()
    for name in ("content", "qr", "xmp", "info", "file"):
        row = index[::2].index(b"%d" % template.numbers[name])
        at = table + 7 * row + 4
        changed = bytes([tail[at] ^ 1])
        assert tampering.seen(tail[:at] + changed + tail[at + 1 :])
    for word in (b"/Size ", b"/Index [", b"/Prev ", b"/Root ", b"/Info "):
        at = tail.index(word, head) + len(word)
        changed = b"2" if tail[at : at + 1] == b"1" else b"1"
        assert tampering.seen(tail[:at] + changed + tail[at + 1 :])


def test_a_page_with_more_on_it_is_noticed(tampering):
    template = tampering.made.template
    head, stream = _stream(tampering.made.tail, template.numbers["content"])
    for more in (b"BT\n/F1 9 Tf\n[<0028>] TJ\nET\n", b"\n", b" q"):
        for content in (stream + more, more + stream, stream.replace(b"] TJ", b"] TJ" + more, 1)):
            body = _packed(template.numbers["content"], content).ljust(len(head))
            if len(body) == len(head):
                assert tampering.seen(tampering.made.tail.replace(head, body))


def _stream(tail: bytes, number: int) -> tuple[bytes, bytes]:
    start = tail.index(b"%d 0 obj" % number)
    whole = tail[start : tail.index(b"\nendobj\n", start)]
    return whole, zlib.decompress(whole.partition(b"stream\n")[2])


def _packed(number: int, content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    head = b"%d 0 obj\n<</Filter /FlateDecode/Length %d>>" % (number, len(packed))
    return b"%s\nstream\n%s\nendstream" % (head, packed)


@pytest.mark.parametrize(
    ("text", "runs", "same"),
    [
        ("Nguyễn Văn An", ["Nguyễn Văn", "An"], True),
        ("Nguyễn Văn An", ["Nguyễn VănAn"], False),
        ("Nguyễn Văn An", ["Nguyễn Văn", "Anh"], False),
        ("Nguyễn Văn Anh", ["Nguyễn Văn", "An"], False),
        ("Nguyễn Văn An", ["An", "Nguyễn Văn"], False),
        ("Nguyễn Văn An", [], False),
    ],
)
def test_a_paragraph_is_its_runs_letter_for_letter(text, runs, same):
    assert reading_back._is_made_of(text, runs) is same
