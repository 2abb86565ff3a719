import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from agencies.choices import AgencyKind, Sector
from agencies.models import Agency
from common import clock, formats
from common.access import SIGNED_IN, allow
from common.form_errors import domain_errors_on
from counting.comparison import stored_comparison
from counting.forms import RuleForm
from counting.job_types import COMPARE_RULES, ComparisonPayload
from counting.models import CountingRule, RuleCourse
from counting.replay import TRAINED_OFFICIALS, Terms
from counting.services import adopt_rule
from courses.models import Course
from enrollment.choices import Evidence
from jobs.stored_results import compute, facts, stored_result


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
    facts = [
        *_term_facts(rule, rule.courses.all(), rule.agencies_left_out.all()),
        (_("Recorded"), formats.instant(rule.recorded_at)),
    ]
    if rule.reason:
        facts.append((_("Reason for the change"), rule.reason))
    return facts


def _term_facts(
    rule: CountingRule, courses: Iterable[RuleCourse], left_out: Iterable[Agency]
) -> list[tuple[str, str]]:
    agencies = ", ".join(agency.name for agency in left_out)
    return [
        (_("Courses"), ", ".join(sorted(_term(term) for term in courses))),
        (_("Sectors"), _labels(rule.sectors, Sector.choices)),
        (_("Kinds of agency"), _labels(rule.kinds, AgencyKind.choices)),
        (_("Evidence"), _labels(rule.accepted_evidence, Evidence.choices)),
        (_("Minimum number of periods"), str(rule.minimum_periods)),
        (_("Excluded agencies"), agencies or _("none")),
    ]


def _changed_terms(asked: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Each term of a draft that differs from the rule in force: its label, before, after."""
    rule = CountingRule.objects.in_force(TRAINED_OFFICIALS, clock.now())
    if rule is None:
        return []
    lists = {name: asked[name] for name in ("sectors", "kinds", "evidence_kinds")}
    draft = CountingRule(**lists, minimum_periods=asked["minimum_periods"])
    before = _term_facts(rule, rule.courses.select_related("course"), rule.agencies_left_out.all())
    after = _term_facts(draft, asked["courses"], asked["agencies_left_out"])
    return [
        (label, _only_in(old, new), _only_in(new, old))
        for (label, old), (_label, new) in zip(before, after, strict=True)
        if old != new
    ]


def _only_in(some: str, others: str) -> str:
    known = others.split(", ")
    return ", ".join(one for one in some.split(", ") if one not in known) or "–"


def _term(term: RuleCourse) -> str:
    if term.counts_from or term.counts_to:
        return f"{term.course.code} ({formats.days(term.counts_from, term.counts_to)})"
    return term.course.code


def _labels(chosen: Sequence[str], choices: list[tuple[str, Any]]) -> str:
    found = [str(label) for key, label in choices if key in chosen]
    return ", ".join(found) if found and len(found) < len(choices) else _("all")


@allow(Role.PROGRAMME_OFFICE)
def new_rule(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Adopt the next version of the rule, or only preview what it would change."""
    is_draft = "compare" in request.POST
    form = RuleForm(request.POST or None, initial=_initial(request), is_draft=is_draft)
    context: dict[str, Any] = {"form": form}
    if form.is_valid() and is_draft:
        context |= _preview(request, _terms(form.cleaned_data)) | {
            "is_draft": True,
            "terms": _changed_terms(form.cleaned_data),
        }
    elif form.is_valid():
        with domain_errors_on(form):
            rule = adopt_rule(by=request.user.as_actor(), **form.cleaned_data)
            text = _("Version %(version)s of the counting rule adopted.")
            messages.success(request, text % {"version": rule.version})
            return redirect("counting_rules")
    return render(request, "counting/new_rule.html", context)


@allow(Role.PROGRAMME_OFFICE)
def rule_draft(request: AuthenticatedHttpRequest, digest: str) -> HttpResponse:
    """What a draft would change, as it was last computed."""
    row = stored_comparison(digest)
    if row is None or row.computed_at is None:
        raise Http404
    context = {"draft": digest, "result": facts(row), "change": _change(row.content)}
    return render(request, "counting/rule_draft.html", context)


def _preview(request: AuthenticatedHttpRequest, draft: Terms) -> dict[str, Any]:
    """The stored answer; where there is none, or another is wanted, a job is started."""
    row = stored_comparison(draft.digest)
    if row is None or row.computed_at is None or request.POST["compare"] == "again":
        payload = ComparisonPayload(key=draft.digest, terms=draft.as_json())
        by, owner = request.user.as_actor(), request.user
        compute(COMPARE_RULES, payload=payload, by=by, owner=owner, key=draft.digest)
    return {
        "result": facts(stored_result(COMPARE_RULES.kind, draft.digest)),
        "change": _change(row.content) if row and row.computed_at else None,
    }


def _initial(request: AuthenticatedHttpRequest) -> dict[str, Any]:
    """The form begins with a stored draft (``?draft=``), or with the rule in force."""
    last = CountingRule.objects.of(TRAINED_OFFICIALS).order_by("-version").first()
    row = stored_result(COMPARE_RULES.kind, request.GET.get("draft", "")[:64])
    found = _as_it_is(last)
    if row is None or not row.content:
        return found
    kept = {name: found[name] for name in RuleForm.WORDS if name in found}
    return kept | _from_terms(Terms.from_json(row.content["terms"]))


def _from_terms(terms: Terms) -> dict[str, Any]:
    codes = [code for code, _first, _last in terms.courses]
    courses = Course.objects.in_bulk(codes, field_name="code")
    days = {
        f"{end}_{courses[code].pk}": day or ""
        for code, first, last in terms.courses
        if code in courses
        for end, day in (("from", first), ("to", last))
    }
    return days | {
        "courses": codes,
        "sectors": list(terms.sectors),
        "kinds": list(terms.kinds),
        "evidence_kinds": list(terms.evidence_kinds),
        "minimum_periods": terms.minimum_periods,
        "agencies_left_out": list(
            Agency.objects.filter(pk__in=terms.agencies_left_out).values_list("slug", flat=True)
        ),
    }


def _terms(asked: dict[str, Any]) -> Terms:
    courses = [(one.course.code, one.counts_from, one.counts_to) for one in asked["courses"]]
    lists = {name: asked[name] for name in ("sectors", "kinds", "evidence_kinds")}
    left_out = [agency.pk for agency in asked["agencies_left_out"]]
    minimum = asked["minimum_periods"]
    return Terms(courses, **lists, minimum_periods=minimum, agencies_left_out=left_out)


def _change(found: dict[str, Any]) -> dict[str, Any]:
    now, draft, sectors = found["now"], found["draft"], dict(Sector.choices)
    rows = [(_("All sectors"), now["persons"], draft["persons"])]
    rows += [
        (str(sectors[key]), now["by_sector"][key], after)
        for key, after in draft["by_sector"].items()
    ]
    return {
        "as_of": formats.day(dt.date.fromisoformat(found["as_of"])),
        "rows": [
            (label, *formats.numbers((before, after)), formats.signed(after - before))
            for label, before, after in rows
        ],
        "come_in": found["come_in"],
        "drop_out": found["drop_out"],
    }


def _as_it_is(rule: CountingRule | None) -> dict[str, Any]:
    """The words and terms of a rule, and the values of a first one."""
    found = {"adopted_on": clock.today(), "minimum_periods": 0}
    if rule is None:
        return found
    words = {"sentence_vi": rule.sentence_vi, "sentence_en": rule.sentence_en}
    return found | words | _from_terms(Terms.of(rule))
