"""Why a certificate is rendered as a whole instead of being filled into a compiled design."""

from enum import StrEnum


class Reason(StrEnum):
    DESIGN = "design"  # more than plain fields, conditions and loops; or it cannot be laid out
    LAYOUT = "layout"  # a line with a hole that is of a kind that is not modelled
    LETTERS = "letters"  # not in the repertoire, or placed otherwise than one after the other
    SPACES = "spaces"
    NARROW = "narrow"  # a line that fits, or is broken, by a hair
    DIFFERENT = "different"  # WeasyPrint drew it otherwise than the model
    PAGE = "page"  # more than one page: the renderer says so
    ADDRESS = "address"
    READ_BACK = "read_back"
    STORE = "store"


class UnusualError(Exception):
    """This certificate, or this design, is to be rendered as a whole."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
