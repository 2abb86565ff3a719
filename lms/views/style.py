from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from common import charts, clock, formats
from common.access import allow
from courses.forms import CatalogueFilter


@allow(Role.PROGRAMME_OFFICE)
def style_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    today = clock.today()
    sample = [
        charts.Point(today.replace(year=today.year - 2, day=1), 120),
        charts.Point(today.replace(year=today.year - 1, day=1), 340),
        charts.Point(today.replace(day=1), 610),
    ]
    marks = [
        charts.Mark(today.replace(year=today.year - 1, month=1, day=1), 100, "100", met=True),
        charts.Mark(today.replace(year=today.year + 4, month=12, day=31), 1000, "1.000"),
    ]
    context = {
        "form": CatalogueFilter(auto_id="filter_%s"),
        "wrong": CatalogueFilter({"q": "x" * 101}),
        "chart": charts.cumulative(
            sample, marks, title="Chart", description="A sample.", name="sample"
        ),
        "steps": ["Upload", "Check", "Confirm"],
        "events": [{"when": formats.day(today), "what": "An event", "more": "And more of it"}],
        "tabs": [
            {"label": "First", "href": "?", "is_current": True},
            {"label": "Second", "href": "?second", "is_current": False},
        ],
        "rows": [["Bộ Công an", 12, 34], ["Tập đoàn Điện lực Việt Nam", 5, 6]],
        "as_of": _("as of %(day)s") % {"day": formats.day(today)},
    }
    return render(request, "lms/style.html", context)
