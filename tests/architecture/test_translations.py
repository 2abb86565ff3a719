"""Both languages are complete: every string of the code stands translated in both files."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import templatize

ROOT = Path(settings.BASE_DIR)
KEYWORDS = (
    "gettext_lazy", "ngettext_lazy:1,2", "pgettext:1c,2", "npgettext:1c,2,3",
    "pgettext_lazy:1c,2", "npgettext_lazy:1c,2,3",
)  # fmt: skip


def sources(*endings: str) -> list[Path]:
    rooms = [ROOT / name for name in (*settings.ROOMS, "common", "templates")]
    return sorted(file for room in rooms for e in endings for file in room.rglob(f"*{e}"))


@pytest.fixture(scope="session")
def strings_of_the_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of every translatable string, taken from the sources as they are."""
    folder = tmp_path_factory.mktemp("strings")
    files = [str(file) for file in sources(".py")]
    for number, template in enumerate(sources(".html", ".txt")):
        code = folder / f"{number}.py"
        code.write_text(templatize(template.read_text("utf-8")), "utf-8")
        files.append(str(code))
    catalogue = folder / "strings.pot"
    subprocess.run(
        [
            "xgettext", "--language=Python", "--from-code=UTF-8", "--keyword=_",
            *(f"--keyword={keyword}" for keyword in KEYWORDS),
            "--keyword=gettext_noop", f"--output={catalogue}", *files,
        ],
        check=True,
    )  # fmt: skip
    return catalogue


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_string_is_missing_fuzzy_or_untranslated(
    strings_of_the_code: Path, language: str
) -> None:
    translated = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    compared = subprocess.run(
        ["msgcmp", str(translated), str(strings_of_the_code)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert compared.returncode == 0, compared.stderr[-3000:] + "\nRun script/messages."


@pytest.mark.parametrize("language", ["vi", "en"])
def test_placeholders_survive_the_translation(language: str) -> None:
    file = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    checked = subprocess.run(
        ["msgfmt", "--check", "-o", "/dev/null", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
