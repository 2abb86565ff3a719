"""Many certificates on two cores: documents in forked processes, rows in this one.

The processes never touch the database: a source goes in, bytes come out. They inherit the
prepared renderer and the loaded key, and die with the process that they work for.
"""

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Iterator

from certificates.models import Certificate
from certificates.services.documents import (
    BuiltDocument,
    DocumentBuilder,
    DocumentError,
    DocumentSource,
)
from certificates.services.issuance import (
    CertificateBuilder,
    Problems,
    store_each,
    write_each,
)
from certificates.services.stamping import with_time_stamps

# Below this the start of the processes costs more than they save: a compiled file takes 5 ms.
WORTH_IT = 300
PROCESSES = 2
_PR_SET_PDEATHSIG = 1

Job = tuple[int | None, DocumentSource]

_builders: dict[int | None, DocumentBuilder] = {}


def write_in_parallel(certificates: list[Certificate]) -> Iterator[Certificate]:
    """Build in forked processes, store here, in order. A threaded server must not call it.

    Error: as of ``write_files``.
    """
    if len(certificates) < WORTH_IT or (os.cpu_count() or 1) < PROCESSES:
        yield from write_each(certificates)
        return
    builder, problems = CertificateBuilder(), Problems()
    jobs = [_job(builder, certificate) for certificate in certificates]
    builders = builder.builders()
    if any(one.key and one.key.is_in_token for one in builders.values()):
        yield from write_each(certificates)
        return
    _builders.update(builders)
    try:
        context = multiprocessing.get_context("fork")
        with context.Pool(PROCESSES, initializer=_die_with_parent) as pool:
            built = zip(certificates, pool.imap(_build, jobs, chunksize=2), strict=True)
            yield from store_each(with_time_stamps(built), problems.add)
    finally:
        _builders.clear()
    problems.raise_if_any()


def _job(builder: CertificateBuilder, certificate: Certificate) -> Job:
    source = builder.source(certificate)
    certificate.signing_key_id = builder.key_id(certificate)
    return certificate.signing_key_id, source


def _die_with_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _build(job: Job) -> BuiltDocument | DocumentError:
    key_id, source = job
    try:
        return _builders[key_id].build(source)
    except DocumentError as error:  # returned: raised, it would end the other documents too
        return error
