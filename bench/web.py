"""web: lists of 50 rows, as pages and in the API, against a bare view and against empty ones.

*Bare* is a Django view of one line behind four usual middlewares, in the same process and run;
*empty* is a signed-in page of the layout alone, or an empty answer of the API.

One process, no socket: the WSGI handler with all middlewares, who asks is signed in, a scratch
SQLite database, DEBUG off. Processor time; variants in turn, medians. Every list is measured on
its first page and behind three quarters of its rows; every look-up asks for another certificate.
The public page's first visit is weighed with all that it links to, files compressed as they are
served, the page itself as it is.
"""

import argparse
import gzip
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from itertools import cycle
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from bench.web_world import fill

BARE_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
API_LISTS = ("trainees", "enrollments", "completions", "certificates")
PAGE_LISTS = {"people": "/people/", "certificates": "/certificates/"}
EMPTY = ("bare", "empty page", "empty answer")
LOOK_UP = "look-up of a certificate"
# At most so many times the bare view.
ASKED = {f"{LOOK_UP} / bare": 18, "empty page / bare": 18}


def measure(rows: int, rounds: int) -> dict[str, Any]:
    """``{"ratios", "figures"}`` of every list, coordinators' lists and the first visit."""
    with tempfile.TemporaryDirectory(prefix="lms-bench.") as folder:
        _set_up(Path(folder))
        fill(rows)
        site = _Site()
        addresses = _addresses(site, rows)
        times: dict[str, list[float]] = {name: [] for name in addresses}
        for _round in range(rounds):
            for name, ask in addresses.items():
                times[name].append(ask())
        medians = {name: statistics.median(found) for name, found in times.items()}
        figures = {f"{name}_ms": round(medians[name], 3) for name in EMPTY}
        figures |= {"rows": rows, "first_visit_kb": round(first_visit(site.stranger) / 1000, 1)}
        return {"ratios": _ratios(medians), "figures": figures}


def _set_up(folder: Path) -> None:
    os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'bench.sqlite3'}"
    os.environ.setdefault("DEBUG", "1")
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    os.environ["API_CALLS_PER_MINUTE"] = os.environ["API_CALLS_PER_ADDRESS"] = "100000000"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.DEBUG = False  # keys of development, but no record of every query
    call_command("migrate", verbosity=0)


def _unheard(*_status_and_headers: Any) -> Callable[[bytes], object]:
    """``start_response`` of a server that ignores status and headers."""
    return len


class Visitor:
    """Asks a site with the headers of somebody; building the request is not measured."""

    def __init__(self, site: Any, headers: dict[str, Any]) -> None:
        from django.test import RequestFactory

        self._site, self._headers, self._factory = site, headers, RequestFactory()

    def __call__(self, address: str) -> bytes:
        return self._answer(self._environ(address))

    def spent(self, address: str, times: int = 1) -> float:
        """Milliseconds for one of so many requests in a row."""
        environs = [self._environ(address) for _time in range(times)]
        started = time.process_time()
        for environ in environs:
            self._answer(environ)
        return (time.process_time() - started) * 1000 / times

    def _environ(self, address: str) -> dict[str, Any]:
        return dict(self._factory.get(address, **self._headers).environ)

    def _answer(self, environ: dict[str, Any]) -> bytes:
        return b"".join(self._site(environ, _unheard))


class _Site:
    def __init__(self) -> None:
        from django.core.wsgi import get_wsgi_application
        from django.test import override_settings

        from accounts.services import create_second_factor, create_token
        from agencies.models import Agency, Coordinator
        from audit.services import SYSTEM

        add_empty_pages()
        lift_limits()
        site = get_wsgi_application()
        with override_settings(MIDDLEWARE=BARE_MIDDLEWARE):
            self.bare = Visitor(get_wsgi_application(), {})
        office = somebody("programme_office")
        create_second_factor(by=SYSTEM, user=office)
        self.stranger = Visitor(site, {})
        self.office = Visitor(site, cookie_of(office))
        self.coordinators: dict[str, Visitor] = {}
        for share, slug in (("a hundredth", "a1"), ("half", "a0")):
            coordinator = somebody("coordinator", share.replace(" ", "-"))
            Coordinator.objects.create(user=coordinator, agency=Agency.objects.get(slug=slug))
            self.coordinators[share] = Visitor(site, cookie_of(coordinator))
        token = create_token(by=SYSTEM, user=office)
        self.program = Visitor(site, {"HTTP_AUTHORIZATION": f"Bearer {token}"})


def somebody(role: str, name: str = "") -> Any:
    from accounts.models import RoleGrant, User

    user = User.objects.create_user(f"{name or role}@example.gov.vn")
    RoleGrant.objects.create(user=user, role=role)
    return user


def cookie_of(user: Any) -> dict[str, str]:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {"HTTP_COOKIE": f"sessionid={client.cookies['sessionid'].value}"}


def add_empty_pages() -> None:
    """The references: a view of one line, a page of the layout alone, an empty API answer."""
    from django.conf import settings
    from django.http import HttpResponse
    from django.shortcuts import render
    from django.urls import include, path
    from rest_framework.response import Response

    from accounts.api.generics import GenericAPIView
    from accounts.api.permissions import permit
    from common.access import SIGNED_IN, allow

    class Empty(GenericAPIView):
        permission_classes = (permit(get=SIGNED_IN),)

        def get(self, request: Any) -> Response:
            return Response({})

    @allow(SIGNED_IN)
    def empty(request: Any) -> Any:
        return render(request, "base.html")

    def bare(request: Any) -> HttpResponse:
        return HttpResponse("hello")

    addresses = ModuleType("bench_addresses")
    addresses.urlpatterns = [  # type: ignore[attr-defined]  # a module made here declares nothing
        path("bare/", bare),
        path("empty-answer/", Empty.as_view()),
        path("empty-page/", empty),
        path("", include("lms.urls")),
    ]
    sys.modules["bench_addresses"] = addresses
    settings.ROOT_URLCONF = "bench_addresses"
    settings.ALLOWED_HOSTS = ["testserver"]


def lift_limits() -> None:
    """One address asks as many visitors would: its tries are counted, and never used up."""
    from common.throttle import declared

    import_module("lms.urls")  # with all limits
    for limit in declared.values():
        object.__setattr__(limit, "times", 10**9 - 1 if not limit.is_guess else limit.times)


def _addresses(site: _Site, rows: int) -> dict[str, Callable[[], float]]:
    """Name → milliseconds of a request; the quickest one is measured ten in a row."""
    behind = rows * 3 // 4
    asks: dict[str, Callable[[], float]] = {
        "bare": partial(site.bare.spent, "/bare/", 10),
        "empty page": partial(site.office.spent, "/empty-page/"),
        "empty answer": partial(site.program.spent, "/empty-answer/"),
        LOOK_UP: partial(_look_up, site.stranger, cycle(range(1, rows + 1))),
    }
    for name, address in PAGE_LISTS.items():
        deep = _deep_page(site.office, address, behind)
        asks[f"{name}, page 1"] = partial(site.office.spent, address)
        asks[f"{name}, deep"] = partial(site.office.spent, deep)
    for name in API_LISTS:
        address = f"/api/v1/{name}/"
        asks[f"api {name}, page 1"] = partial(site.program.spent, address)
        asks[f"api {name}, deep"] = partial(site.program.spent, _deep_answer(site, address, behind))
    for share, ask in site.coordinators.items():
        for name, address in PAGE_LISTS.items():
            asks[f"{name}, of a coordinator of {share}"] = partial(ask.spent, address)
    return asks


def _look_up(stranger: Visitor, numbers: Iterator[int]) -> float:
    """Of a code that nobody has asked for yet."""
    from certificates.services.verification import normalised_code

    return stranger.spent(f"/verify/{normalised_code(f'{next(numbers):016d}')}")


def _ratios(medians: dict[str, float]) -> dict[str, float]:
    bare, page, answer = (medians[name] for name in EMPTY)
    theirs = {name: medians.pop(name) for name in list(medians) if "of a coordinator" in name}
    lists = {name: found for name, found in medians.items() if name not in (*EMPTY, LOOK_UP)}
    ratios = {f"{name} / bare": found / bare for name, found in medians.items() if name != "bare"}
    ratios |= {
        f"{name} / empty": found / (answer if name.startswith("api ") else page)
        for name, found in lists.items()
    }
    for name, found in lists.items():
        if name.endswith(", deep"):
            ratios[f"{name} / page 1"] = found / lists[name.replace("deep", "page 1")]
    for name, found in theirs.items():
        of_all = lists[f"{name.split(',', maxsplit=1)[0]}, page 1"]
        ratios[f"{name} / of all"] = found / of_all
    return ratios


def _deep_page(ask: Visitor, address: str, rows: int) -> str:
    """The address of the page of 50 behind so many rows, by following its links."""
    following = address
    for _page in range(rows // 50):
        link = re.search(rb'rel="next" href="([^"]+)"', ask(following))
        assert link, f"{following} leads nowhere"
        following = address + link[1].decode().replace("&amp;", "&")
    return following


def _deep_answer(site: _Site, address: str, rows: int) -> str:
    following = f"{address}?page_size=200"
    for _page in range(max(1, rows // 200)):
        found = urlsplit(json.loads(site.program(following))["next"])
        following = f"{found.path}?{found.query}"
    return following.replace("page_size=200", "page_size=50")


def first_visit(ask: Visitor) -> int:
    """Bytes over the wire until a stranger sees the public page, nothing cached."""
    from django.contrib.staticfiles import finders

    page = ask("/")
    linked = set(re.findall(rb'(?:href|src)="/static/([^"]+)"', page))
    files = [Path(str(finders.find(name.decode()))) for name in linked]
    return len(page) + sum(len(gzip.compress(file.read_bytes())) for file in files)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows, within 40 seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    found = measure(10_000, 40) if options.quick else measure(100_000, 200)
    for name, value in (found["ratios"] | found["figures"]).items():
        most = f"   (asked: at most {ASKED[name]})" if name in ASKED else ""
        print(f"{name:<56} {value:8.2f}{most}")
    if options.json:
        rounded = {name: round(ratio, 2) for name, ratio in found["ratios"].items()}
        print(json.dumps({"bench": "web", "ratios": rounded, "figures": found["figures"]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
