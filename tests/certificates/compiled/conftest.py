from collections.abc import Callable
from pathlib import Path

import pytest

from certificates.compiled import CompiledDesign, Store
from certificates.compiled.compiling import Compiler
from certificates.pdf import Appearance, CertificateRenderer, StarterDesign, starter_designs
from common.pdf import Attachment
from tests.certificates.samples import picture

DESIGNS = {design.slug: design for design in starter_designs()}
CREDENTIAL = Attachment(
    "credential.json", '{"tên": "Ánh", "(": "\\\\)"}'.encode(), "Open Badges 3.0", "Data"
)


class Ways:
    """A design both ways."""

    def __init__(self, design: StarterDesign, folder: Path) -> None:
        self.appearance = Appearance(design.html, design.css, (("signature", _baked()),))
        self.renderer = CertificateRenderer(design, dict(self.appearance.images))
        self.compiler = Compiler(self.renderer)
        self.folder = folder
        self.compiled = self.opened()

    def opened(self, folder: Path | None = None) -> CompiledDesign:
        """As another process would open what lies in the folder."""
        store = Store(folder or self.folder)
        return CompiledDesign(
            self.appearance, store, self.compiler.skeleton, self.compiler.template
        )


def _baked() -> bytes:
    import io

    from PIL import Image

    output = io.BytesIO()
    Image.open(io.BytesIO(picture("RGB"))).resize((560, 240)).save(output, "JPEG", quality=60)
    return output.getvalue()


@pytest.fixture(scope="session")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ways]:
    known: dict[str, Ways] = {}

    def of(slug: str) -> Ways:
        if slug not in known:
            known[slug] = Ways(DESIGNS[slug], tmp_path_factory.mktemp(slug))
        return known[slug]

    return of


@pytest.fixture
def default_ways(ways: Callable[[str], Ways]) -> Ways:
    return ways(starter_designs()[0].slug)
