"""certificates: WeasyPrint used well against ``HTML(string).write_pdf()``, and the signature.

The same certificate of the default design, with a signature picture, once each in turn, as CPU
per file; the ratio is the median of the pairs. Ours carries more: PDF/A-3a, PDF/UA-1 and the
credential inside. Memory is watched in this process (``--quick``), or in two real workers that
issue 1,000 certificates as a job.
"""

import argparse
import base64
import datetime as dt
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
ROOT = Path(__file__).resolve().parent.parent
SIGNED_AT = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)


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
        answer = _measure(pairs=10 if options.quick else 40)
        answer["figures"] |= _memory_here(answer) if options.quick else _memory_of_workers()
    for kind in ("ratios", "figures"):
        for name, value in answer[kind].items():
            print(f"{name}: {value}")
    if options.json:
        print(json.dumps(answer))
    return 0


def _measure(pairs: int) -> dict[str, Any]:
    import django

    django.setup()
    ours, naive, sign = _ways()
    for way in (ours, naive):
        way(0)
    first = ours(0)
    sign(first)
    times: dict[str, list[float]] = {"naive": [], "ours": [], "signing": []}
    sizes = []
    for number in range(1, pairs + 1):
        times["naive"].append(_cpu(partial(naive, number))[0])
        spent, content = _cpu(partial(ours, number))
        times["ours"].append(spent)
        spent, signed = _cpu(partial(sign, content))
        times["signing"].append(spent)
        sizes.append(len(signed))
    ratio = statistics.median(a / b for a, b in zip(times["naive"], times["ours"], strict=True))
    medians = {
        f"{name}_ms": round(1000 * statistics.median(spent), 1) for name, spent in times.items()
    }
    return {
        "bench": "certificates",
        "ratios": {"render_vs_naive": round(ratio, 2)},
        "figures": medians | {"pairs": pairs, "signed_kb": round(max(sizes) / 1000, 1)},
    }


def _cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    made = work()
    return time.process_time() - begun, made


def _ways() -> tuple[Callable[[int], bytes], Callable[[int], bytes], Callable[[bytes], bytes]]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from certificates.credential import Issuer, credential, self_issued_key
    from certificates.pdf import Appearance, starter_designs
    from certificates.services.documents import DocumentBuilder, DocumentSource
    from certificates.signing import load_key, self_signed_pkcs12
    from tests.certificates.samples import usual

    design, hand = starter_designs()[0], _signature()
    appearance = Appearance(design.html, design.css, (("signature", _opaque(hand)),))
    prover = self_issued_key(Ed25519PrivateKey.generate())
    pkcs12 = self_signed_pkcs12("bench", "pw", valid_from=SIGNED_AT - dt.timedelta(days=9))
    key = load_key(pkcs12, "pw")
    builder = DocumentBuilder()

    def fields(number: int) -> Any:
        label = f"{number:04d}/2026/AI"
        return replace(usual(), register_number=label, signature_image="0" * 64)

    def ours(number: int) -> bytes:
        words = fields(number)
        bare = credential(
            words,
            issuer=Issuer(prover.method.partition("#")[0], words.issuing_body),
            status_list="https://example.gov.vn/verify/status/AI-2026",
            status_index=number,
        )
        proved = prover.sign(bare, created=SIGNED_AT)
        return builder.unsigned(DocumentSource(number, appearance, words.to_json(), proved))

    def naive(number: int) -> bytes:
        from weasyprint import HTML

        return bytes(HTML(string=_naive_page(design, fields(number), hand)).write_pdf())

    return ours, naive, lambda content: key.sign(content, at=SIGNED_AT)


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


def _signature() -> bytes:
    """A scanned signature on a transparent ground, RGBA."""
    from PIL import Image, ImageDraw, ImageFilter

    image = Image.new("RGBA", (900, 400), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    points = [(30 + 9 * step, 200 + (step * 37 % 230) - 115) for step in range(94)]
    draw.line(points, fill=(26, 58, 138, 255), width=7, joint="curve")
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


def _memory_here(_answer: dict[str, Any]) -> dict[str, Any]:
    """Resident memory after 25 files and after 70, in this process."""
    ours, _naive, sign = _ways()
    seen = {}
    for number in range(1, 71):
        sign(ours(number))
        if number in (25, 70):
            status = Path("/proc/self/status").read_text().splitlines()
            seen[number] = next(int(line.split()[1]) for line in status if "VmRSS" in line)
    return {"memory_growth_percent": round(100 * (seen[70] / seen[25] - 1), 1)}


def _memory_of_workers() -> dict[str, Any]:
    """1,000 certificates as a job of two workers; the first 200 are the start."""
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
    program = [sys.executable, "tests/certificates/rehearsal.py", "measure", "1000"]
    run = subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True)
    seen = json.loads(run.stdout)
    return {
        "job_certificates": seen["certificates"],
        "job_seconds": round(seen["seconds"]),
        "worker_mb_at_200": seen["early_mb"],
        "worker_mb_at_1000": seen["late_mb"],
        "memory_growth_percent": round(100 * seen["growth"], 1),
    }


if __name__ == "__main__":
    sys.exit(main())
