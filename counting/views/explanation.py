import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.choices import OVERSEERS, RUN_READERS, STAFF, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import bar_charts, clock, formats
from common.access import SIGNED_IN, allow
from counting.counter import counted
from counting.explanation import Explanation, explain, on_the_way
from counting.forms import AsOfForm, SampleForm
from counting.output import instant_as_text
from counting.sample import sample
from courses.choices import RunState
from courses.models import Session
from enrollment.models import Completion, Enrollment
from enrollment.services.completion import COUNTS_AS_ATTENDED, AttendanceRecord, attendance_records
from enrollment.views.roster import TONES
from people.choices import RequestKind
from people.models import Merge, Trainee
from people.querysets import rows_of


@allow(SIGNED_IN)
def explain_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    trainee = get_object_or_404(Trainee.objects.visible_to(request.user), code=code)
    form = AsOfForm(request.GET or None, initial={"as_of": clock.today()})
    context: dict[str, Any] = {
        "trainee": trainee,
        "form": form,
        "clear": request.path if form.is_bound else "",
    }
    if not form.errors:
        asked = form.cleaned_data if form.is_bound else {}
        found = explain(trainee.code, **asked)
        context |= {"found": found, "facts": _facts(found.first) if found.first else []}
        if not found.counted:
            context["classes"] = _classes(request.user, found)
        context["correction"] = _correction(request.user, trainee, context.get("classes", []))
        context["tones"] = TONES
        context["opens_record"] = request.user.has_role(*STAFF)
        context["opens_attendance"] = request.user.has_role(*RUN_READERS)
    return render(request, "counting/explain.html", context)


@dataclass(frozen=True, slots=True)
class ClassTaken:
    """A class that has not led to a completion, and what was reached of what it requires."""

    record: AttendanceRecord

    @property
    def is_over(self) -> bool:
        return self.enrollment.run.state == RunState.CLOSED

    @property
    def enrollment(self) -> Enrollment:
        return self.record.outcome.enrollment

    @property
    def percent(self) -> int:
        return self.record.outcome.attendance_percent or 0  # a self-paced class has none

    @property
    def required(self) -> int:
        return self.enrollment.run.course.minimum_attendance

    @property
    def missed(self) -> list[tuple[Session, str]]:
        """Sessions held without the person, each with what was marked."""
        held = [pair for pair in self.record.sessions if self.is_over or pair[1]]
        return [
            (session, mark.get_mark_display() if mark else _("no mark"))
            for session, mark in held
            if mark is None or mark.mark not in COUNTS_AS_ATTENDED
        ]

    @property
    def other_reasons(self) -> list[str]:
        outcome = self.record.outcome
        if not (self.is_over and outcome.missing):
            return []
        is_shown = outcome.missing[0] == "attendance"  # by the bar
        return outcome.reasons[is_shown:]

    @property
    def bar(self) -> SafeString:
        title = _("Attendance %(percent)s%%, %(required)s%% required") % {
            "percent": self.percent,
            "required": self.required,
        }
        name = f"class-{self.enrollment.pk}"
        return bar_charts.meter(self.percent, self.required, title=title, name=name)


def _classes(user: User, found: Explanation) -> list[ClassTaken]:
    merged = Merge.objects.believed(found.known_as_of).survivor_by_absorbed()
    seen = on_the_way(rows_of(found.person.pk, merged)).visible_to(user)
    return [ClassTaken(record) for record in attendance_records(seen)]


def _correction(user: User, trainee: Trainee, classes: list[ClassTaken]) -> dict[str, str]:
    """Where the reader asks for a correction or makes it; empty for who only reads."""
    runs = {one.enrollment.run.code for one in classes}
    asked = {"kind": RequestKind.CORRECT} | ({"run": runs.pop()} if len(runs) == 1 else {})
    if trainee.user_id == user.pk:
        text = _("Tell the programme office what is wrong; it replies within two working days.")
        return {"text": text, "ask": f"{reverse('my_data', query=asked)}#ask"}
    if Trainee.objects.manageable_by(user).filter(pk=trainee.pk).exists():
        text = _(
            "Correct a name, birth date or agency yourself. About attendance or a result, ask the "
            "programme office; it replies within two working days."
        )
        if user.has_role(Role.PROGRAMME_OFFICE):
            text = _(
                "Correct a name, birth date or agency in the record, attendance and results on the "
                "pages of the class. What the person asks for is recorded as a request."
            )
        return {
            "text": text,
            "ask": reverse("record_request", args=[trainee.code], query=asked),
            "mend": reverse("correct_person", args=[trainee.code]),
        }
    if user.has_role(Role.TRAINER):
        return {"text": _("Attendance and scores are corrected on the pages of the class.")}
    return {}


def _facts(first: Completion) -> list[tuple[str, str]]:
    return [
        (_("Course"), f"{first.course_code} · {first.run.course.title}"),
        (_("Class"), first.run.code),
        *_elsewhere(first),
        (_("Completed"), formats.day(first.completed_on)),
        (_("Recorded"), formats.instant(first.recorded_at)),
        (_("Credited to"), first.sending_agency.name),
        (_("Sector"), first.get_sector_display()),
        (_("Evidence"), first.get_evidence_display()),
        (_("Completion rule met"), _met(first.rule_met)),
    ]


def _elsewhere(completion: Completion) -> list[tuple[str, str]]:
    run = completion.run
    if not run.is_outside:
        return []
    facts = [(_("Completed at"), f"{run.platform}: {run.outside_title}")]
    if completion.hours is not None:
        facts.append((_("Hours"), f"{completion.hours.normalize():f}"))
    return [*facts, (_("Proof"), completion.remark)]


def _met(rule: str) -> str:
    """The stored rule of a course, such as ``attendance>=80;score>=5``, in words."""
    words = {
        "attendance": _("attendance of at least %(least)s%%"),
        "score": _("a score of at least %(least)s"),
        "units": _("every unit of the self-paced class done"),
        "exception": _("by exception"),
        "paper": _("a result on paper"),
        "elsewhere": _("a result from elsewhere"),
    }
    found = []
    for part in rule.split(";"):
        name, _sign, least = part.partition(">=")
        found.append(words[name] % {"least": least} if name in words else part)
    return ", ".join(found)


@allow(*OVERSEERS)
def sample_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = SampleForm(request.GET or None)
    if form.errors:
        return render(request, "counting/sample.html", {"form": form})
    asked = form.cleaned_data if form.is_bound else {}
    seed = asked.get("seed") or secrets.token_hex(4)
    count = counted(asked.get("as_of"), known_as_of=asked.get("known_as_of"))
    drawn = sample(count, size=asked.get("size") or SampleForm.USUAL, seed=seed)
    again = {
        "size": len(drawn),
        "seed": seed,
        "as_of": count.as_of.isoformat(),
        "known_as_of": instant_as_text(count.known_as_of),
    }
    context = {
        "form": form if form.is_bound else SampleForm(),
        "rows": [(one, _met(one.first.rule_met)) for one in drawn],
        "seed": seed,
        "count": count,
        "again": f"{request.path}?{urlencode(again)}",
    }
    return render(request, "counting/sample.html", context)
