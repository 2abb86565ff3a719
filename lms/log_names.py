"""What the keys in the audit log stand for: asked of each app's own rule of who sees what."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.db.models import Choices, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.choices import Language, Role
from accounts.models import User
from agencies.choices import AgencyKind, Sector, SuccessionKind
from agencies.models import Agency
from certificates.choices import SignedBy
from certificates.models import Certificate
from common.registries import Name
from counting.models import Indicator
from courses.choices import DecisionKind
from courses.models import Course, CourseRun
from enrollment.choices import EnrollmentState, Evidence, Mark
from notices.kinds import message_kinds
from people.choices import CandidateState, RequestKind, RequestState
from people.models import Trainee
from rosters.models import RosterImport
from targets.choices import UnitAnswer

_REGISTER_LABEL = re.compile(r"(\d{1,9})/(\d{4})/(\w+)")
Names = Mapping[Any, Name]
Resolver = Callable[[Any, Collection[Any]], Names]


def users(reader: User, keys: Collection[Any]) -> Names:
    """A trainee's own name is that of their record, as long as it is not erased."""
    rows = User.objects.visible_to(reader).filter(pk__in=keys)
    trainees = Trainee.objects.visible_to(reader).named().filter(user__in=keys)
    named = dict(trainees.values_list("user_id", "full_name"))
    return {
        one.pk: Name(one.full_name or named.get(one.pk, "") or one.get_username()) for one in rows
    }


def trainees(reader: User, keys: Collection[Any]) -> Names:
    """Of whom is erased the code remains."""
    rows = Trainee.objects.visible_to(reader).named().filter(code__in=keys)
    return {
        code: Name(name, reverse("person", args=[code]))
        for code, name in rows.values_list("code", "full_name")
    }


def agencies(reader: User, keys: Collection[Any]) -> Names:
    rows = Agency.objects.filter(slug__in=[key for key in keys if isinstance(key, str)])
    return {one.slug: Name(one.name, reverse("agency", args=[one.slug])) for one in rows}


def courses(reader: User, keys: Collection[Any]) -> Names:
    rows = Course.objects.visible_to(reader).filter(code__in=keys)
    return {one.code: Name(one.title, reverse("course", args=[one.code])) for one in rows}


def runs(reader: User, keys: Collection[Any]) -> Names:
    rows = CourseRun.objects.visible_to(reader).filter(code__in=keys)
    return {
        code: Name(code, reverse("run", args=[code]))
        for code in rows.values_list("code", flat=True)
    }


def certificates(reader: User, keys: Collection[Any]) -> Names:
    wanted = Q(pk=None)
    for match in filter(None, map(_REGISTER_LABEL.fullmatch, keys)):
        number, year, register = match.groups()
        wanted |= Q(register=register, year=year, register_number=number)
    rows = Certificate.objects.visible_to(reader).filter(wanted)
    return {
        one.register_label: Name(
            one.register_label, reverse("certificate", args=[one.verification_code])
        )
        for one in rows.only("register", "year", "register_number", "verification_code")
    }


def rosters(reader: User, keys: Collection[Any]) -> Names:
    found = RosterImport.objects.visible_to(reader).filter(pk__in=keys)
    names = dict(found.values_list("pk", "file_name"))
    return {
        key: Name(_("the roster “%(file)s”") % {"file": names[key]}, reverse("roster", args=[key]))
        if key in names
        else Name(_("a roster (%(number)s)") % {"number": key})
        for key in keys
    }


def reports(_reader: User, keys: Collection[Any]) -> Names:
    return {key: Name(key, reverse("report", args=[key])) for key in keys}


def indicators(reader: User, keys: Collection[Any]) -> Names:
    rows = Indicator.objects.filter(slug__in=keys)
    return {one.slug: Name(one.title, reverse("indicator", args=[one.slug])) for one in rows}


def _of_choices(*kinds: type[Choices]) -> Resolver:
    def labels(_reader: User, _keys: Collection[Any]) -> Names:
        return {value: Name(str(label)) for kind in kinds for value, label in kind.choices}

    return labels


def kinds(_reader: User, keys: Iterable[str]) -> Names:
    named = {value: str(label) for one in _KINDS for value, label in one.choices}
    named |= {name: str(kind.label) for name, kind in message_kinds}
    return {key: Name(named[key]) for key in keys if key in named}


_KINDS = (RequestKind, SuccessionKind, DecisionKind, AgencyKind)
marks = _of_choices(Mark)
evidence = _of_choices(Evidence)
states = _of_choices(EnrollmentState, CandidateState, RequestState)
roles = _of_choices(Role)
languages = _of_choices(Language)
signed_by = _of_choices(SignedBy)
answers = _of_choices(UnitAnswer)
sectors = _of_choices(Sector)
