"""Names of people, as forms take them and tables store them.

``common.identity.parse_name`` says what a name is made of.
"""

from typing import Any

from common.identity import parse_name
from common.one_line import OneLineField
from common.parsed_text import ParsedField


class PersonNameInput(ParsedField):
    def __init__(self, **options: Any) -> None:
        super().__init__(parse_name, **options)


class PersonNameField(OneLineField):
    """Always stored in NFC, without invisible characters and with single blanks.

    Forms and imports refuse what is no name, with a message; the column does not, since erased
    people and names of the system are stored too.
    """

    def formfield(self, *args: Any, **options: Any) -> Any:
        return super().formfield(*args, **({"form_class": PersonNameInput} | options))
