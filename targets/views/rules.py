"""Versions of the counting rule: what counted when, and adopting the next one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.choices import Role
from agencies.choices import AgencyKind, Sector
from common import clock, formats
from common.access import SIGNED_IN, open_to
from common.errors import DomainError
from enrollment.choices import Evidence
from targets.forms import RuleForm
from targets.models import CountingRule, RuleCourse
from targets.progress import TRAINED_OFFICIALS
from targets.services.rules import CourseTerm, adopt_rule


@open_to(SIGNED_IN)
def rule_list(request: HttpRequest) -> HttpResponse:
    """Every version of the rule, the newest first: whoever is counted may read how."""
    user: Any = request.user
    rules = CountingRule.objects.of(TRAINED_OFFICIALS).order_by("-version")
    found = rules.prefetch_related("courses__course", "agencies_left_out")
    in_force = CountingRule.objects.in_force(TRAINED_OFFICIALS, clock.now())
    context = {
        "rules": [_row(rule, is_in_force=rule == in_force) for rule in found],
        "may_adopt": user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "targets/rules.html", context)


def _row(rule: CountingRule, *, is_in_force: bool) -> dict[str, Any]:
    agencies = ", ".join(agency.name for agency in rule.agencies_left_out.all())
    facts = [
        (_("Courses"), ", ".join(sorted(_term(term) for term in rule.courses.all()))),
        (_("Sectors"), _labels(rule.sectors, Sector.choices)),
        (_("Kinds of agency"), _labels(rule.kinds, AgencyKind.choices)),
        (_("Evidence"), _labels(rule.evidence_kinds, Evidence.choices)),
        (_("Periods at least"), str(rule.minimum_periods)),
        (_("Agencies left out"), agencies or _("none")),
        (_("Recorded"), formats.instant(rule.recorded_at)),
    ]
    if rule.reason:
        facts.append((_("Why it changed"), rule.reason))
    return {
        "version": rule.version,
        "adopted": formats.day(rule.adopted_on),
        "sentence": rule.sentence,
        "is_in_force": is_in_force,
        "facts": facts,
    }


def _term(term: RuleCourse) -> str:
    if term.counts_from or term.counts_to:
        return f"{term.course.code} ({formats.days(term.counts_from, term.counts_to)})"
    return term.course.code


def _labels(chosen: list[str], choices: list[tuple[str, Any]]) -> str:
    found = [str(label) for key, label in choices if key in chosen]
    return ", ".join(found) if found and len(found) < len(choices) else _("all")


@open_to(Role.PROGRAMME_OFFICE)
def new_rule(request: HttpRequest) -> HttpResponse:
    """Adopt the next version of the rule."""
    user: Any = request.user
    last = CountingRule.objects.of(TRAINED_OFFICIALS).order_by("-version").first()
    form = RuleForm(request.POST or None, initial=_as_it_is(last))
    if form.is_valid():
        asked = form.cleaned_data
        days = _days_of_courses(last)
        terms = [CourseTerm(course, *days.get(course.pk, ())) for course in asked.pop("courses")]
        try:
            rule = adopt_rule(by=user.as_actor(), courses=terms, **asked)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            text = _("Version %(version)s of the counting rule is adopted.")
            messages.success(request, text % {"version": rule.version})
            return redirect("counting_rules")
    return render(request, "targets/new_rule.html", {"form": form})


def _as_it_is(rule: CountingRule | None) -> dict[str, Any]:
    """The version to begin with."""
    first = {"adopted_on": clock.today(), "minimum_periods": 0}
    if rule is None:
        return first
    return first | {
        "courses": [term.course.code for term in rule.courses.select_related("course")],
        "sectors": rule.sectors,
        "kinds": rule.kinds,
        "evidence_kinds": rule.evidence_kinds,
        "minimum_periods": rule.minimum_periods,
        "agencies_left_out": list(rule.agencies_left_out.values_list("slug", flat=True)),
        "sentence_vi": rule.sentence_vi,
        "sentence_en": rule.sentence_en,
    }


def _days_of_courses(rule: CountingRule | None) -> dict[int, tuple[Any, Any]]:
    """Between which days each course counted; a new version keeps them."""
    if rule is None:
        return {}
    return {term.course_id: (term.counts_from, term.counts_to) for term in rule.courses.all()}
