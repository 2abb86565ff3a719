"""The worst habits of senders on the page: what was not read, or is doubtful, is seen at once."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.conftest import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.full]

CASES = Path(__file__).resolve().parents[1] / "data" / "roster_cases"


@dataclass(frozen=True)
class Seen:
    """What the page must show: texts, rows with a finding, an amber note; and what it must not."""

    texts: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    doubtful: tuple[int, ...] = ()
    noted: bool = False


WORST = {
    "n03_split_name_no_merge.csv": Seen(texts=("Trần Văn Bảy", "Lê Thị Sáu")),
    "n02_two_people_in_a_cell.xlsx": Seen(doubtful=(2, 3, 4, 5, 6)),
    "n01_titles.xlsx": Seen(texts=("Trần Văn Bảy", "Đỗ Văn Tám")),
    "i21_two_lists_side_by_side.xlsx": Seen(noted=True),
    "c02_number_lost_to_E_notation.xlsx": Seen(doubtful=(2, 3)),
    "c03_text_number_one_digit_short.xlsx": Seen(doubtful=(2,)),
    "b08_1904_general_serial.xlsx": Seen(texts=("05/03/1980",), never=("1976",)),
    "i06_month_first_all.xlsx": Seen(doubtful=(2, 3, 4, 5)),
    "f01_filtered_hidden_row.xlsx": Seen(doubtful=(3,)),
    "s04_subheading_in_name_column.xlsx": Seen(texts=("Trần Văn Bảy",)),
}


def test_the_ten_worst_rosters_show_on_the_page_what_is_wrong(programme, seat):
    visitor = seat("vi", size=PHONE)
    visitor.sign_in(programme.coordinator)
    flaws = [
        f"{name}: {flaw}" for name, seen in WORST.items() for flaw in flaws_of(visitor, name, seen)
    ]
    assert flaws == []
    assert not programme.open.enrollments.exists()


def flaws_of(visitor: Visitor, name: str, seen: Seen) -> list[str]:
    page = visitor.page
    page.goto(f"{visitor.address}/rosters/new/")
    page.select_option("#id_run", index=1)
    page.set_input_files("#id_file", str(CASES / name))
    page.locator("main form button[type=submit]").click()
    page.wait_for_selector("#roster:not([aria-busy])")
    visitor.check()
    text = page.locator("#roster").inner_text()
    flaws = [f"lacks {one}" for one in seen.texts if one not in text]
    flaws += [f"shows {one}" for one in seen.never if one in text]
    flaws += [
        f"row {row} has no finding"
        for row in seen.doubtful
        if not page.locator(f"#row-{row} .errors li, #row-{row} .warnings li").count()
    ]
    if seen.noted and not page.locator(".alert-wait").count():
        flaws.append("has no note")
    return flaws
