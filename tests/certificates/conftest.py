import subprocess
from collections.abc import Callable, Iterator

import pytest

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from certificates.models import CertificateDesign, IssuingBody, Signer
from certificates.pdf import CertificateRenderer, starter_designs
from certificates.services import keys
from common import time_stamps
from courses.models import CourseRun
from tests.certificates.authorities import Odd, time_stamping_authority, write_options
from tests.factories import make_completion, make_run, make_trainee, make_user


@pytest.fixture(scope="session")
def renderer() -> CertificateRenderer:
    return CertificateRenderer(starter_designs()[0])


@pytest.fixture(scope="session")
def development_keys(tmp_path_factory):
    """A folder for keys of all tests: making one takes a while."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def office(db, settings, development_keys) -> Signer:
    """What must stand before anything is issued: a design, a signer, keys."""
    settings.KEY_FOLDER, settings.DEVELOPMENT_SIGNING = development_keys, True
    design = starter_designs()[0]
    CertificateDesign.objects.create(
        slug=design.slug, name=design.name, html=design.html, css=design.css, is_default=True
    )
    body = IssuingBody.objects.create(name="Bộ Khoa học và Công nghệ", place="Hà Nội")
    keys.add_development_keys()
    return Signer.objects.create(body=body, name="Lê Thị Minh Hằng", title="Bộ trưởng, Vụ trưởng")


@pytest.fixture
def run(office) -> CourseRun:
    """A run that owes three certificates."""
    run = make_run()
    for name in ("Trần Văn Đức", "Lê Thị Ánh", "Nguyễn An"):
        make_completion(make_trainee(full_name=name), run)
    return run


@pytest.fixture
def office_client(client):
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a time-stamping authority of RFC 3161."""
    folder = tmp_path_factory.mktemp("authority")
    write_options(folder)
    new = "openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -config options"
    command = [*new.split(), "-keyout", "tsa.key", "-out", "tsa.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)

    with time_stamping_authority(folder) as url:
        yield url


@pytest.fixture
def odd(authority, monkeypatch) -> Iterator[Callable[..., Odd]]:
    monkeypatch.setattr(time_stamps, "READ_SECONDS", 2)
    monkeypatch.setattr(time_stamps, "SIDE_BY_SIDE", 1)
    opened: list[Odd] = []

    def behaving(behaviour: Callable[[bytes], bytes], good: int = 0) -> Odd:
        opened.append(Odd(good, behaviour, authority))
        return opened[-1]

    yield behaving
    for one in opened:
        one.server.shutdown()
        one.server.server_close()


OFFICE = PROGRAMME_OFFICE
