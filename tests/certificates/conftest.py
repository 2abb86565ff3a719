import pytest

from certificates.pdf import CertificateRenderer, prepare, starter_designs


@pytest.fixture(scope="session")
def renderer() -> CertificateRenderer:
    return prepare(starter_designs()[0])
