from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common import clock
from common.commands import DomainCommand
from common.dates import format_date, parse_date, parse_moment
from counting.asked import asked_day, asked_instant
from counting.explanation import Explanation, explain
from enrollment.models import Completion


class Command(DomainCommand):
    help = "Say whether a person counts, since when and by what, or what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("code", metavar="TRAINEE_CODE")
        parser.add_argument("--as-of", metavar="D", help="the day the figure speaks of; today")
        parser.add_argument(
            "--known-as-of",
            metavar="D",
            help="believe records up to this day or instant",
        )

    def work(self, **options: Any) -> dict[str, Any]:
        as_of, known_as_of = options["as_of"], options["known_as_of"]
        self.explanation = explain(
            options["code"],
            as_of=asked_day(as_of and parse_date(as_of)),
            known_as_of=asked_instant(known_as_of and parse_moment(known_as_of)),
        )
        return self.explanation.as_json()

    def print_answer(self, answer: dict[str, Any]) -> None:
        explanation = self.explanation
        if merged_into := answer["merged_into"]:
            message = _("%(code)s was merged into %(merged_into)s.")
            self.stdout.write(message % {"code": answer["code"], "merged_into": merged_into})
        for line in _because(explanation) if explanation.counted else _missing(explanation):
            self.stdout.write(line)
        if explanation.rule:
            self.stdout.write(_("Rule: %(sentence)s") % {"sentence": explanation.rule.sentence})


def _because(explanation: Explanation) -> list[str]:
    completion = explanation.first
    assert completion is not None
    what = {
        "code": explanation.person.code,
        "since": format_date(completion.completed_on),
        "course": completion.course_code,
        "run": completion.run.code,
        "recorded_on": format_date(completion.recorded_at.astimezone(clock.HANOI).date()),
        "agency": completion.sending_agency.name,
        "evidence": completion.get_evidence_display(),
    }
    return [
        _("%(code)s has been counted since %(since)s.") % what,
        _(
            "Because of the completion of course %(course)s, class %(run)s, recorded on "
            "%(recorded_on)s."
        )
        % what,
        *_elsewhere(completion),
        _("Credited to: %(agency)s. Evidence: %(evidence)s.") % what,
    ]


def _elsewhere(completion: Completion) -> list[str]:
    run = completion.run
    where = {"platform": run.platform, "title": run.outside_title}
    return [_("Completed at %(platform)s: %(title)s.") % where] if run.is_outside else []


def _missing(explanation: Explanation) -> list[str]:
    what = {"code": explanation.person.code, "as_of": format_date(explanation.as_of)}
    return [
        _("%(code)s is not counted as of %(as_of)s:") % what,
        *(f"- {reason.message}" for reason in explanation.reasons),
    ]
