"""certificates: compiled designs against ``HTML(string).write_pdf()``, typst and reportlab.

The same certificate of the default design, with a signature picture, by each way in turn, as CPU
per file; a ratio is the median of the pairs. Ours carries more: PDF/A-3a, PDF/UA-1 and the
credential inside, made and proved each time. ``first_vs_naive`` begins with an empty folder,
``first_after_adoption_vs_naive`` (not with ``--quick``) with what the job of a design that is
adopted has compiled from 300 other people, in ``adoption_seconds``. A whole class as a job stands
in ``bench.certificate_job``.
"""

import argparse
import base64
import datetime as dt
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from bench import certificates_elsewhere as others

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
SIGNED_AT = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
PICTURE = "0" * 64


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench certificates")
    parser.add_argument("--quick", action="store_true", help="within 40 seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lms-bench.") as folder:
        where = {
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}",
            "MEDIA_ROOT": str(Path(folder) / "media"),
            "KEY_FOLDER": str(Path(folder) / "keys"),
            "DEBUG": "1",
            "LOG_LEVEL": "ERROR",
        }
        os.environ.update(where)
        answer = _measure(quick=options.quick)
    for kind in ("ratios", "figures"):
        for name, value in answer[kind].items():
            print(f"{name}: {value}")
    if options.json:
        print(json.dumps(answer))
    return 0


def _measure(*, quick: bool) -> dict[str, Any]:
    import django

    django.setup()
    world = World()
    first = first_of_a_new_design(world, 100 if quick else 1_000)
    adopted = {} if quick else first_after_adoption(world, 1_000)
    times, sizes = _in_turn(world, pairs=8 if quick else 40)
    medians = {f"{name}_ms": round(1000 * statistics.median(spent), 2)
               for name, spent in times.items()}  # fmt: skip
    ratios = {
        "render_vs_naive": _ratio(times["naive"], times["compiled"]),
        "signed_vs_naive_signed": _ratio(times["naive_signed"], times["compiled_p256"]),
        "signed_rsa_vs_naive_signed": _ratio(times["naive_signed"], times["compiled_rsa"]),
        "render_vs_typst": _ratio(times["typst"], times["compiled"]),
        "render_vs_reportlab": _ratio(times["reportlab"], times["compiled"]),
        "render_vs_rendered": _ratio(times["rendered"], times["compiled"]),
        "first_vs_naive": round(statistics.median(times["naive"]) / first, 1),
    }
    figures: dict[str, Any] = medians | {
        "pairs": len(times["naive"]),
        "signed_kb": round(max(sizes["compiled_rsa"], sizes["compiled_p256"]) / 1000, 1),
        "first_ms_with_compiling": round(1000 * first, 1),
    }
    if adopted:
        naive = medians["naive_ms"]
        ratios["first_after_adoption_vs_naive"] = round(naive / adopted["first_ms_adopted"], 1)
    figures |= adopted
    figures |= _rendered_share(world, 200 if quick else 10_000)
    figures |= _memory_here(world)
    return {"bench": "certificates", "ratios": ratios, "figures": figures}


def _ratio(others: list[float], ours: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(others, ours, strict=True)), 2)


def _in_turn(world: "World", pairs: int) -> tuple[dict[str, list[float]], dict[str, int]]:
    """CPU seconds and bytes of a file, by way; every way once with each certificate."""
    ways = world.ways()
    for number in range(400):  # what an office has printed before
        ways["compiled"](number)
    for way in ways.values():
        way(0)
    times: dict[str, list[float]] = {name: [] for name in ways}
    sizes: dict[str, int] = {}
    for number in range(1_000, 1_000 + pairs):
        for name, way in ways.items():
            spent, content = _cpu(partial(way, number))
            times[name].append(spent)
            sizes[name] = max(sizes.get(name, 0), len(content))
    return times, sizes


def _cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    made = work()
    return time.process_time() - begun, made


def first_of_a_new_design(world: "World", count: int) -> float:
    """CPU seconds a file, compiling included, of signed certificates of one design."""
    spent, _made = _cpu(lambda: [len(world.signed("p256", number)) for number in range(count)])
    return float(spent) / count


def first_after_adoption(world: "World", count: int) -> dict[str, float]:
    """As ``first_of_a_new_design``, after what ``services.compiling`` compiles beforehand."""
    from certificates.credential import FILE_NAME
    from certificates.pdf import Appearance
    from certificates.services.compiling import LOOKED_AT
    from certificates.services.documents import CREDENTIAL_ABOUT, compiled_for
    from common.pdf import Attachment

    design = world.designs[0]
    new = Appearance(design.html, design.css, (("signature", _opaque(_signature(9))),))
    nothing = Attachment(FILE_NAME, b"{}", CREDENTIAL_ABOUT, "Data")
    people = range(50_000, 50_000 + LOOKED_AT)
    compiling, _made = _cpu(
        lambda: [compiled_for(new).make(world.fields(one), nothing) for one in people]
    )
    spent, _made = _cpu(
        lambda: [len(world.signed("p256", number, appearance=new)) for number in range(count)]
    )
    return {
        "adoption_seconds": round(compiling, 1),
        "first_ms_adopted": round(1000 * spent / count, 2),
    }


def _rendered_share(world: "World", count: int) -> dict[str, Any]:
    """Per cent of made-up people whose certificates no compiled design could make, by design."""
    from certificates.services.documents import DocumentBuilder

    found: dict[str, Any] = {}
    for design, appearance in zip(world.designs, world.appearances, strict=True):
        made = Counter(
            DocumentBuilder().build(world.source(number, appearance)).made_with
            for number in range(20_000, 20_000 + count)
        )
        reasons = {way: many for way, many in made.items() if way.startswith("rendered")}
        found[f"rendered_percent_{design.slug}"] = round(100 * sum(reasons.values()) / count, 2)
        found[f"rendered_reasons_{design.slug}"] = reasons
    return found


class World:
    """Designs, keys, and every way of making the certificate of a made-up person."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from certificates.credential import self_issued_key
        from certificates.pdf import Appearance, starter_designs
        from certificates.services.documents import DocumentBuilder
        from certificates.signing import load_key, self_signed_pkcs12

        self.designs, self.hand = starter_designs(), _signature()
        pictures = (("signature", _opaque(self.hand)),)
        self.appearances = [Appearance(one.html, one.css, pictures) for one in self.designs]
        self.prover = self_issued_key(Ed25519PrivateKey.generate())
        begun = SIGNED_AT - dt.timedelta(days=9)
        self.rsa_pkcs12 = _rsa_pkcs12(begun)
        p256 = load_key(self_signed_pkcs12("bench", "pw", valid_from=begun), "pw")
        rsa = load_key(self.rsa_pkcs12, "")
        self.builders = {"p256": DocumentBuilder(key=p256), "rsa": DocumentBuilder(key=rsa)}

    def ways(self) -> dict[str, Callable[[int], bytes]]:
        from certificates.services.documents import DocumentBuilder

        builder = DocumentBuilder()
        return {
            "naive": self.naive,
            "naive_signed": self.naive_signed,
            "typst": others.typst_way(self),
            "reportlab": others.reportlab_way(self),
            "rendered": lambda n: builder.unsigned(self.source(n, made_with="rendered")),
            "rendered_p256": lambda n: self.signed("p256", n, made_with="rendered"),
            "compiled": lambda n: builder.unsigned(self.source(n)),
            "compiled_p256": lambda n: self.signed("p256", n),
            "compiled_rsa": lambda n: self.signed("rsa", n),
        }

    @lru_cache(maxsize=1_000)  # noqa: B019 -- there is one world, and making people up is no way's work
    def fields(self, number: int) -> Any:
        from tests.certificates.compiled.people import certificate_of

        return certificate_of(number, signature=PICTURE)

    def source(self, number: int, appearance: Any = None, made_with: str | None = None) -> Any:
        from certificates.credential import Issuer, credential
        from certificates.services.documents import DocumentSource

        words = self.fields(number)
        bare = credential(
            words,
            issuer=Issuer(self.prover.method.partition("#")[0], words.issuing_body),
            status_list="https://example.gov.vn/verify/status/AI-2026",
            status_index=number,
        )
        return DocumentSource(
            id=number,
            appearance=appearance or self.appearances[0],
            printed=words.to_json(),
            credential=self.prover.sign(bare, created=SIGNED_AT),
            sign_at=SIGNED_AT,
            made_with=made_with,
        )

    def signed(self, key: str, number: int, **options: Any) -> bytes:
        source = self.source(number, **options)
        return bytes(self.builders[key].build(source).content)

    def naive(self, number: int, **options: Any) -> bytes:
        from weasyprint import HTML

        page = _naive_page(self.designs[0], self.fields(number), self.hand)
        return bytes(HTML(string=page).write_pdf(**options))

    def naive_signed(self, number: int) -> bytes:
        """As pyHanko's documentation has it."""
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import signers
        from pyhanko.sign.fields import SigSeedSubFilter

        signer = signers.SimpleSigner.load_pkcs12_data(self.rsa_pkcs12, other_certs=[])
        about = signers.PdfSignatureMetadata(
            field_name="Signature", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
        )
        content = io.BytesIO(self.naive(number, pdf_variant="pdf/a-3a"))
        signed = signers.PdfSigner(about, signer=signer).sign_pdf(IncrementalPdfFileWriter(content))
        return bytes(signed.getvalue())


def _rsa_pkcs12(begun: dt.datetime) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import NoEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bench")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begun)
        .not_valid_after(begun + dt.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return serialize_key_and_certificates(b"bench", key, certificate, None, NoEncryption())


def _naive_page(design: Any, words: Any, hand: bytes) -> str:
    """The same page in one string, with everything inlined."""
    import re

    from certificates.pdf import DESIGN_FIELDS
    from certificates.pdf.page import LANDSCAPE, qr_png, values_of
    from common.fonts import find_font
    from common.sandboxed_templates import compile_template

    names = tuple(dict.fromkeys(re.findall(r"asset:([\w.-]+\.[ot]tf)", design.css)))
    style = re.sub(
        r"asset:([\w.-]+\.[ot]tf)", lambda found: find_font(found[1]).as_uri(), design.css
    )
    frame = re.search(r'<svg id="background".*?</svg>', design.html, re.DOTALL)
    drawing = base64.b64encode(frame[0].encode()).decode() if frame else ""
    style += f'@page{{background:url("data:image/svg+xml;base64,{drawing}") 0 0/297mm 210mm}}'
    body = re.sub(r'<svg id="background".*?</svg>\s*', "", design.html, flags=re.DOTALL)
    values = values_of(words, names, LANDSCAPE) | {"density": ""}
    page = compile_template(body, DESIGN_FIELDS)(values)
    qr = base64.b64encode(qr_png(words.verification_url)).decode()
    page = page.replace("asset:qr", f"data:image/png;base64,{qr}")
    picture = base64.b64encode(hand).decode()
    page = page.replace("asset:signature", f"data:image/png;base64,{picture}")
    return page.replace("</head>", f"<style>{style}</style></head>")


def _signature(thickness: int = 7) -> bytes:
    """A scanned signature on a transparent ground, RGBA."""
    from PIL import Image, ImageDraw, ImageFilter

    image = Image.new("RGBA", (900, 400), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    points = [(30 + 9 * step, 200 + (step * 37 % 230) - 115) for step in range(94)]
    draw.line(points, fill=(26, 58, 138, 255), width=thickness, joint="curve")
    output = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(1)).save(output, "PNG")
    return output.getvalue()


def _opaque(hand: bytes) -> bytes:
    """The signature as an upload stores it."""
    from PIL import Image

    from certificates.image_parsers import LARGEST_BAKED

    picture = Image.open(io.BytesIO(hand))
    paper = Image.new("RGBA", picture.size, "white")
    baked = Image.alpha_composite(paper, picture).convert("RGB")
    baked.thumbnail((560, 240))
    output = io.BytesIO()
    for quality in (80, 60, 40):
        output = io.BytesIO()
        baked.save(output, "JPEG", quality=quality, optimize=True)
        if len(output.getvalue()) <= LARGEST_BAKED:
            break
    return output.getvalue()


def _memory_here(world: World) -> dict[str, Any]:
    """Resident memory after 250 files and after 700, in this process."""
    seen = {}
    for number in range(1, 701):
        world.signed("p256", number)
        if number in (250, 700):
            status = Path("/proc/self/status").read_text().splitlines()
            seen[number] = next(int(line.split()[1]) for line in status if "VmRSS" in line)
    return {"memory_growth_percent": round(100 * (seen[700] / seen[250] - 1), 1)}


if __name__ == "__main__":
    sys.exit(main())
