"""Broken encodings are told from names, Vietnamese and foreign, that only look unusual."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.legacy_encodings import legacy_encoding


def listed(text):
    return [item.strip() for item in text.split("|" if "|" in text else None)]


FAMILY = listed("""
Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Âu Ông Ứng Hà Tô
Trịnh Quách Nghiêm Thạch Kim Danh Tống Lâm Tôn Giàng Sùng Vàng Lò Quàng Cầm Mạc Viên Bế Nông
""")
GIVEN = listed("""
An Ân Ánh Bình Bính Châu Chi Dũng Đức Giang Hà Hải Hoa Hòa Hoà Hoá Hùng Khoa Khoá Lân Mai Mây
Nga Ngà Oanh Phúc Quân Quang Quyên Tâm Tám Thảo Trang Tú Tuấn Uyên Vân Xuân Yên Yến Nguyệt Huệ
Quế Quỳnh Khoát Thuận Tuyết Khiêm Oánh Thoại Hoài Hoè Quyết Ước Ý Liễu Doãn Thuý Thuỷ Toàn Loan
""")
MINORITY = listed("""
H'Hen Niê | Y Moan Êban | K'Brêu | Giàng A Páo | Y Ngông Niê Kdăm | Ksor H'Bơ Khăp |
Rơ Châm H'Phí | Siu Black | Điểu K'Rứ | Lơ Mu Ha | Kră Jăn Dick | Chamaléa Thị Thủy |
Bon Tô Sa Nga | Cil Múp | Đinh Thị H'Lan | Thào A Sính | Vừ A Dính | Mùa A Páo | Bh'riu Liếc |
A Viết Sơn | Hồ Kăn Lịch | Ka Să Ha | Tô Niê | Hà Niê | Y Bhiông Mlô | Êban
""")
FOREIGN = listed("""
José | Loïc | Loïc Tran | Gaël | Björn Ångström | Jürgen Müller | Noël | Zoé | Raúl |
Ana Muñoz | João da Silva | Chloé | Noé | Hélène | Søren Kierkegård | Anaïs Lê | Joël Le |
Françoise | Beáta | Lü Bu | Lü Hao | Gül | Øyvind | Ægir | Þór | Guðrún | Łukasz Wałęsa |
Dvořák | Čapek | Şahin | Ngô Viết Thụ | Kim Jong-il | O'Brien | Moïse | Saïd | Maïmouna |
Michaël | Gaétan | Leá | Araújo | Nuñez Peña | Ýmir | Zoë | Ïñigo | Émile Zola | Ömer | Ülle |
Åse | 田中 | Иван | Αθηνά | محمد
""")
VNI = listed("""
Nguyeãn Vaên Bình | NGUYEÃN VAÊN BÌNH | Leâ Thò Hoàng Yeán | Ñaëng Thò Höông | Phaïm Long |
Hoaøng Vaên Thuï | Traàn Ñöùc Huy | Voõ Thò Saùu | Phan Vaên Khaûi | Ngoâ Baûo Chaâu |
Boä Taøi chính
""")
TCVN3 = listed("""
NguyÔn V¨n B×nh | NGUYÔN V¡N B×NH | §Æng ThÞ H»ng | TrÇn Quèc To¶n | Lª V¨n T¸m | Hå ChÝ Minh |
Bé Tµi chÝnh | Hä vµ tªn | L£ THÞ B | NguyÔn V¨n K.
""")

vietnamese = st.builds(
    lambda family, middle: " ".join([family, *middle]),
    st.sampled_from(FAMILY),
    st.lists(st.sampled_from(GIVEN), min_size=1, max_size=3),
)


@given(vietnamese, st.sampled_from([str, str.upper, str.lower]))
def test_a_vietnamese_name_is_in_good_order(name, case):
    assert legacy_encoding(case(name)) is None


@pytest.mark.parametrize("name", MINORITY + FOREIGN)
def test_a_name_of_another_people_is_in_good_order(name):
    assert legacy_encoding(name) is None
    assert legacy_encoding(name.upper()) is None


@pytest.mark.parametrize("family", ["LÊ", "LÝ", "LÃ", "NIÊ", "THUÝ"])
def test_a_capital_before_a_no_break_space_is_in_good_order(family):
    assert legacy_encoding(f"{family}\u00a0H'HEN") is None


@pytest.mark.parametrize("text", VNI)
def test_vni_is_recognised(text):
    assert legacy_encoding(text) == "vni"


@pytest.mark.parametrize("text", TCVN3)
def test_tcvn3_is_recognised(text):
    assert legacy_encoding(text) == "tcvn3"


@given(vietnamese.filter(lambda name: not name.isascii()), st.sampled_from(["cp1252", "latin-1"]))
def test_utf8_taken_for_western_text_is_recognised(name, wrong):
    garbled = name.encode().decode(wrong, errors="replace")
    assert legacy_encoding(garbled) == "mojibake"


@pytest.mark.parametrize("text", ["Nguy?n V?n An", "Nguy\ufffdn An"])
def test_lost_letters_are_recognised(text):
    assert legacy_encoding(text) == "mojibake"


@pytest.mark.parametrize("text", ["", "An", "Y", "Phòng 2?", "Có / Không?"])
def test_short_and_plain_texts_are_in_good_order(text):
    assert legacy_encoding(text) is None
