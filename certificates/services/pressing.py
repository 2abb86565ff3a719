"""Making many certificates on two cores: the bytes in forked processes, the rows here.

The processes never touch the database: an order goes in, bytes come out. They inherit the
prepared renderer and the loaded key, and die with the process that they work for.
"""

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Iterator

from certificates.models import Certificate
from certificates.services.issuing import Press, store
from certificates.services.making import Made, Maker, Order, renderer_of

# Below this the start of the processes costs more than they save.
WORTH_IT = 24
PROCESSES = 2
_PR_SET_PDEATHSIG = 1

_makers: dict[int | None, Maker] = {}


def write_side_by_side(certificates: list[Certificate]) -> Iterator[Certificate]:
    """Store the bytes of each certificate, in order; for a command, not for a threaded server."""
    press = Press()
    if len(certificates) < WORTH_IT or (os.cpu_count() or 1) < PROCESSES:
        for certificate in certificates:
            store(certificate, press.make(certificate))
            yield certificate
        return
    jobs = [_job(press, certificate) for certificate in certificates]
    _makers.update(press.makers())
    try:
        context = multiprocessing.get_context("fork")
        with context.Pool(PROCESSES, initializer=_die_with_parent) as pool:
            made = pool.imap(_make, jobs, chunksize=2)
            for certificate, one in zip(certificates, made, strict=True):
                store(certificate, one)
                yield certificate
    finally:
        _makers.clear()


def _job(press: Press, certificate: Certificate) -> tuple[int | None, Order]:
    order = press.order(certificate)
    renderer_of(order.look)
    certificate.signing_key_id = press.key_id(certificate)
    return certificate.signing_key_id, order


def _die_with_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _make(job: tuple[int | None, Order]) -> Made:
    key_id, order = job
    return _makers[key_id].make(order)
