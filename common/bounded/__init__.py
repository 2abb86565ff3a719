"""The boundary around files from outside: they are parsed in small processes that can be killed.

A parser is a plain function, declared where it is defined::

    @parser(Limits(cpu=4, memory=96 * MB), errors=(SpreadsheetError,))
    def read_table(content: bytes, name: str) -> dict[str, Any]: ...

and called through the boundary by whoever was given the file::

    facts = bounded.run(read_table, content, "list.xlsx")

Arguments and results are plain data: None, bool, int, float, str, bytes, date, datetime, and lists,
tuples and dictionaries of them. Results come back as JSON and bytes, are never unpickled, and
are no more than what the file says: whether it is to be believed is decided outside.

What may be raised: the parser's declared ``errors`` (subclasses of DomainError, with messages made
by ``common.deferred_messages``), and ``BoundedError``, one sentence for the reader, when the
file takes too long (``too_long``), needs too much memory or gives too much (``too_large``), ends
its parser (``crashed``), or when too many files are being read at the moment (``busy``).

A parser that yields bytes instead of returning is called with ``bounded.spool``, for results that
should not be in memory as a whole.

Each process that needs a parser starts one *fork server* (``server_process``, ``server``). It holds
no key, no database connection and no socket but the one to its owner, imports the parser's
libraries once, and forks a child for each call. The kernel limits the child (processor time,
address space, sizes of files, open files), and its owner kills it when the wall clock has run out.
Server and children die with their owner. At most ``settings.PARSERS_AT_ONCE`` files of each lane
are read at once on the whole machine (``slots``): files of strangers, of signed-in users and of
jobs have a lane each, so that none waits for another.

Parsers live in modules named ``parsers`` or ``…_parsers``, which must be cheap to import, may
import no models, and word their errors with ``DeferredMessage``.
"""

from common.bounded.client import Spool, run, spool
from common.bounded.damage import unless_damaged
from common.bounded.errors import SECONDS_UNTIL_RETRY, BoundedError, noting_busy
from common.bounded.limits import MB, Lane, Limits
from common.bounded.registry import parser

__all__ = [
    "MB",
    "SECONDS_UNTIL_RETRY",
    "BoundedError",
    "Lane",
    "Limits",
    "Spool",
    "noting_busy",
    "parser",
    "run",
    "spool",
    "unless_damaged",
]
