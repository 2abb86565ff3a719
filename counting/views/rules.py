from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from agencies.choices import AgencyKind, Sector
from common import clock, formats
from common.access import SIGNED_IN, allow
from common.form_errors import domain_errors_on
from counting.comparison import Comparison, compared
from counting.forms import RuleForm
from counting.models import CountingRule, RuleCourse
from counting.replay import TRAINED_OFFICIALS, Terms
from counting.services import adopt_rule
from enrollment.choices import Evidence

_KEPT = (
    "sectors", "kinds", "evidence_kinds", "minimum_periods", "sentence_vi", "sentence_en",
)  # fmt: skip


@allow(SIGNED_IN)
def rule_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Open to everybody who is signed in: whoever is counted may read how."""
    rules = CountingRule.objects.of(TRAINED_OFFICIALS).order_by("-version")
    found = rules.prefetch_related("courses__course", "agencies_left_out")
    in_force = CountingRule.objects.in_force(TRAINED_OFFICIALS, clock.now())
    context = {
        "rules": [(rule, _facts(rule), rule == in_force) for rule in found],
        "may_adopt": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "counting/rules.html", context)


def _facts(rule: CountingRule) -> list[tuple[str, str]]:
    agencies = ", ".join(agency.name for agency in rule.agencies_left_out.all())
    facts = [
        (_("Courses"), ", ".join(sorted(_term(term) for term in rule.courses.all()))),
        (_("Sectors"), _labels(rule.sectors, Sector.choices)),
        (_("Kinds of agency"), _labels(rule.kinds, AgencyKind.choices)),
        (_("Evidence"), _labels(rule.accepted_evidence, Evidence.choices)),
        (_("Minimum number of periods"), str(rule.minimum_periods)),
        (_("Excluded agencies"), agencies or _("none")),
        (_("Recorded"), formats.instant(rule.recorded_at)),
    ]
    if rule.reason:
        facts.append((_("Reason for the change"), rule.reason))
    return facts


def _term(term: RuleCourse) -> str:
    if term.counts_from or term.counts_to:
        return f"{term.course.code} ({formats.days(term.counts_from, term.counts_to)})"
    return term.course.code


def _labels(chosen: Sequence[str], choices: list[tuple[str, Any]]) -> str:
    found = [str(label) for key, label in choices if key in chosen]
    return ", ".join(found) if found and len(found) < len(choices) else _("all")


@allow(Role.PROGRAMME_OFFICE)
def new_rule(request: AuthenticatedHttpRequest) -> HttpResponse:
    last = CountingRule.objects.of(TRAINED_OFFICIALS).order_by("-version").first()
    is_draft = "compare" in request.POST
    form = RuleForm(request.POST or None, initial=_as_it_is(last), is_draft=is_draft)
    context: dict[str, Any] = {"form": form}
    if form.is_valid() and is_draft:
        context["change"] = _change(compared(_terms(form.cleaned_data)))
    elif form.is_valid():
        with domain_errors_on(form):
            rule = adopt_rule(by=request.user.as_actor(), **form.cleaned_data)
            text = _("Version %(version)s of the counting rule adopted.")
            messages.success(request, text % {"version": rule.version})
            return redirect("counting_rules")
    return render(request, "counting/new_rule.html", context)


def _terms(asked: dict[str, Any]) -> Terms:
    courses = [(one.course.code, one.counts_from, one.counts_to) for one in asked["courses"]]
    lists = {name: asked[name] for name in ("sectors", "kinds", "evidence_kinds")}
    left_out = [agency.pk for agency in asked["agencies_left_out"]]
    minimum = asked["minimum_periods"]
    return Terms(courses, **lists, minimum_periods=minimum, agencies_left_out=left_out)


def _change(found: Comparison) -> dict[str, Any]:
    now, sectors = found.now.by_sector, dict(Sector.choices)
    rows = [(_("All sectors"), found.now.persons, found.persons)]
    rows += [(str(sectors[key]), now[key], after) for key, after in found.by_sector.items()]
    return {
        "as_of": formats.day(found.now.as_of),
        "rows": [
            (label, *formats.numbers((before, after)), formats.signed(after - before))
            for label, before, after in rows
        ],
        "come_in": found.come_in,
        "drop_out": found.drop_out,
    }


def _as_it_is(rule: CountingRule | None) -> dict[str, Any]:
    first = {"adopted_on": clock.today(), "minimum_periods": 0}
    if rule is None:
        return first
    terms = list(rule.courses.select_related("course"))
    return (
        first
        | model_to_dict(rule, _KEPT)
        | {f"from_{term.course_id}": term.counts_from or "" for term in terms}
        | {f"to_{term.course_id}": term.counts_to or "" for term in terms}
        | {
            "courses": [term.course.code for term in terms],
            "agencies_left_out": list(rule.agencies_left_out.values_list("slug", flat=True)),
        }
    )
