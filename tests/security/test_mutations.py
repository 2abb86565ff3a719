"""The mutations of ``script/mutate`` fit the code: quick, for nothing is run here."""

from pathlib import Path

from django.conf import settings

from tests.mutation.controls import DECLARED
from tests.mutation.generated import generated, row_name, table_rows
from tests.mutation.tests_by_file import REFUSED_INSIDE
from tests.security.test_asvs import exists

ROOT = Path(settings.BASE_DIR)
MUTATIONS = [*DECLARED, *generated()]


def test_every_mutation_applies_to_the_code_as_it_is() -> None:
    """What changed a line that a mutation replaces changes tests/mutation/controls.py too."""
    wrong = []
    for mutation in MUTATIONS:
        try:
            changed = mutation.applied_to((ROOT / mutation.file).read_text())
        except ValueError as error:
            wrong.append(str(error))
        else:
            if mutation.file.endswith(".py"):
                compile(changed, mutation.file, "exec")
    assert wrong == []


def test_every_mutation_has_a_name_of_its_own_and_tests_that_exist() -> None:
    names = [mutation.name for mutation in MUTATIONS]
    assert len(names) == len(set(names))
    assert {m.name: t for m in MUTATIONS for t in m.tests or ("none",) if not exists(t)} == {}


def test_what_is_refused_inside_is_a_row_of_the_access_tables() -> None:
    rows = {row_name(row) for own in table_rows().values() for row in own}
    assert rows >= REFUSED_INSIDE


def test_the_code_has_controls_of_every_kind() -> None:
    """A family that is empty would be one whose form changed without anybody noticing."""
    kinds = {mutation.name.partition(":")[0] for mutation in generated()}
    assert kinds == {
        "open to anybody", "open to signed_in", "every row", "rows of others",
        "no refusal", "always may", "no limit",
    }  # fmt: skip
