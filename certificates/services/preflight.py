"""Preflight: what would be printed is checked before any number is given.

Completions with problems are held back; warnings are issued all the same. The texts that were
checked are the ones that get printed: ``Ready`` carries them on.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from certificates.errors import CertificateError
from certificates.models import (
    Certificate,
    CertificateDesign,
    IssuingTerms,
    NameConfirmation,
    Signer,
)
from certificates.pdf import LONGEST_FIELD, Appearance, CertificateFields, DesignSource
from certificates.services.documents import render, source_of
from certificates.services.printed_fields import (
    appearance_for,
    body_and_signer,
    fields_of,
    signers_in_force,
)
from common import clock
from common.errors import DomainError
from courses.models import CourseRun
from enrollment.models import Completion
from people.models import CandidatePair, Merge, Trainee
from people.querysets import resolved

# Pages with less text than this have always fitted; longer ones are laid out to see.
SURELY_FITS = 700
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Why a completion gets no certificate yet; or, as a warning, what is amiss with it."""

    trainee_code: str
    full_name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Ready:
    completion: Completion
    fields: CertificateFields


@dataclass(slots=True)
class Preflight:
    design: CertificateDesign
    signer: Signer
    terms: IssuingTerms
    ready: list[Ready] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)
    warnings: list[HeldBack] = field(default_factory=list)


def preflight(run: CourseRun) -> Preflight:
    """Check every completion of a run that is not void and has no certificate yet.

    Errors that concern the whole batch: ``no_design``, ``no_signer``, ``no_name``,
    ``held_elsewhere``.
    """
    _require_of_the_programme(run)
    return _checked(run, without_certificate(run))


def _require_of_the_programme(run: CourseRun) -> None:
    if run.is_outside:
        raise CertificateError(
            "held_elsewhere",
            _("This course was held by %(platform)s, which issues its own certificates.")
            % {"platform": run.platform},
        )


def preflight_of_one(completion: Completion) -> Preflight:
    """Check one completion, whether or not it has a certificate already.

    Errors: ``void``, and whatever would hold it back.
    """
    run = completion.run
    _require_of_the_programme(run)
    found = _as_checked(run.completions.not_voided().filter(pk=completion.pk))
    if not found.exists():
        raise CertificateError(
            "void", _("The result on which this certificate is based has been voided.")
        )
    checked = _checked(run, found)
    for held in checked.held_back:
        raise CertificateError(held.code, held.message)
    return checked


def _checked(run: CourseRun, completions: QuerySet[Completion]) -> Preflight:
    checked = _under_the_terms_of(run)
    people, twice = _people_behind(run), _people_with_two_completions(run)
    known = _Known.of({person.pk for person in people.values()}, twice)
    for completion in completions:
        _check(checked, completion, people[completion.trainee_id], known)
    return checked


def _under_the_terms_of(run: CourseRun) -> Preflight:
    terms = IssuingTerms.objects.select_related("design").filter(run=run).first()
    terms = terms or IssuingTerms(run=run)
    return Preflight(terms.design or default_design(), issuing_signer(terms), terms)


def without_certificate(run: CourseRun) -> QuerySet[Completion]:
    # In roster order, so that register numbers follow the class list.
    return _as_checked(run.completions.not_voided().filter(certificates=None)).order_by(
        "trainee__sort_key", "id"
    )


def _as_checked(completions: QuerySet[Completion]) -> QuerySet[Completion]:
    wanted = completions.select_related("enrollment", "corrects")
    # A class and an agency are the same for many: not once for each of them.
    return wanted.prefetch_related("run__course", "run__decisions", "sending_agency")


def _people_behind(run: CourseRun) -> dict[int, Trainee]:
    last = _last_rows(run)
    people = Trainee.objects.in_bulk(set(last.values()))
    return {row: people[person] for row, person in last.items()}


def _last_rows(run: CourseRun) -> dict[int, int]:
    survivors = Merge.objects.believed(clock.now()).survivor_by_absorbed()
    ids = run.completions.not_voided().values_list("trainee_id", flat=True)
    return {row: resolved(row, survivors) for row in ids}


def _people_with_two_completions(run: CourseRun) -> set[int]:
    # People who have two completions of this run after a merge; a human voids one.
    count = Counter(_last_rows(run).values())
    return {person for person, times in count.items() if times > 1}


def default_design() -> CertificateDesign:
    """The design of runs that say nothing else. Error: ``no_design``."""
    design = CertificateDesign.objects.filter(is_default=True).first()
    if design is None:
        raise CertificateError(
            "no_design",
            _(
                "No certificate design is in use yet: under Certificates, Designs, open one and "
                "choose “Use this version from now on”."
            ),
        )
    return design


def present_signer(terms: IssuingTerms | None = None) -> Signer:
    """Who signs today: the signer of a class's terms, else the latest in force.

    Errors: ``no_signer`` (also where a term is over), ``no_name``.
    """
    if terms and terms.signer_id:
        signer = signers_in_force(clock.today()).filter(pk=terms.signer_id).first()
        problem = _("The signer chosen for this class may not sign on this day.")
    else:
        _body, signer = body_and_signer(clock.today())
        problem = _(
            "There is no signer for this day: add an issuing body and a signer "
            "whose terms are current."
        )
    if signer is None:
        raise CertificateError("no_signer", problem)
    if not (signer.name.strip() and signer.body.name.strip()):
        raise CertificateError("no_name", _("The signer or the issuing body has no name."))
    return signer


def issuing_signer(terms: IssuingTerms | None) -> Signer:
    """Who signs today's certificates: as ``present_signer``. Error: also ``sample_signer``."""
    signer = present_signer(terms)
    if signer.is_sample and not settings.DEVELOPMENT_SIGNING:
        raise CertificateError(
            "sample_signer",
            _(
                "%(name)s is a sample from the reference data and signs nothing: "
                "enter your agency's signer."
            )
            % {"name": signer.name},
        )
    return signer


# One completion -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    confirmed: frozenset[int]
    candidates: frozenset[int]
    twice: frozenset[int]

    @classmethod
    def of(cls, people: set[int], twice: set[int]) -> "_Known":
        confirmed = NameConfirmation.objects.of_present_name().filter(trainee__in=people)
        pairs = CandidatePair.objects.open().filter(Q(first__in=people) | Q(second__in=people))
        ids = pairs.values_list("first_id", "second_id")
        return cls(
            confirmed=frozenset(confirmed.values_list("trainee_id", flat=True)),
            candidates=frozenset(person for pair in ids for person in pair),
            twice=frozenset(twice),
        )


def _check(checked: Preflight, completion: Completion, trainee: Trainee, known: _Known) -> None:
    fields = fields_of(completion, trainee, checked.signer)

    def found(error: DomainError) -> HeldBack:
        return HeldBack(trainee.code, trainee.full_name, error.code, error.message)

    appearance = appearance_for(checked.design, checked.signer)
    source = source_of(appearance)
    problem: DomainError | None = _not_ready(checked, completion, trainee, known)
    problem = problem or _unprintable(fields, source)
    fitted = () if problem else source.fitted(fields)
    problem = problem or _too_long(fields, appearance, fitted)
    if problem:
        checked.held_back.append(found(problem))
        return
    checked.warnings += [found(one) for one in _warnings(fields, fitted, trainee, known)]
    checked.ready.append(Ready(completion, fields))


def _not_ready(
    checked: Preflight, completion: Completion, trainee: Trainee, known: _Known
) -> CertificateError | None:
    if trainee.erased_at:
        return CertificateError(
            "erased",
            _("This person's data were erased at their request: there is no name to print."),
        )
    if not trainee.full_name.strip():
        return CertificateError("no_name", _("The person has no name."))
    if not completion.run.course.title_vi.strip():
        return CertificateError("no_course", _("The course has no title in Vietnamese."))
    if not completion.sending_agency.name_vi.strip():
        return CertificateError("no_agency", _("The agency has no name in Vietnamese."))
    if not completion.evidence:
        return CertificateError("no_evidence", _("There is no evidence for this completion."))
    if trainee.pk in known.twice:
        return CertificateError(
            "open_conflict",
            _("After a merge this person has two completions of this class: void one of them."),
        )
    if checked.terms.names_must_be_confirmed and trainee.pk not in known.confirmed:
        return CertificateError(
            "name_unconfirmed",
            _("The person has not confirmed the name yet, and this class requires it."),
        )
    return None


def _unprintable(fields: CertificateFields, source: DesignSource) -> CertificateError | None:
    if len(fields.full_name) > LONGEST_NAME:
        message = _("The name has %(letters)d characters; at most %(limit)d can be printed.")
        values = {"letters": len(fields.full_name), "limit": LONGEST_NAME}
        return CertificateError("does_not_fit", message % values)
    problems = (_bad_text(text, source) for text in fields.texts().values())
    return next(filter(None, problems), None)


def _bad_text(text: str, source: DesignSource) -> CertificateError | None:
    if "<" in text or ">" in text:
        message = _("“%(text)s” contains markup; enter plain text only.")
        return CertificateError("markup", message % {"text": text[:80]})
    missing = source.missing_glyphs(text)
    if not missing:
        return None
    hidden = [f"U+{ord(c):04X}" for c in text if unicodedata.category(c).startswith("C")]
    if hidden:
        message = _("“%(text)s” contains invisible characters (%(characters)s); type it again.")
        visible = "".join(c for c in text if not unicodedata.category(c).startswith("C"))
        values = {"text": visible[:80], "characters": ", ".join(dict.fromkeys(hidden))[:60]}
        return CertificateError("invisible_characters", message % values)
    message = _("The certificate's fonts cannot print %(letters)s in “%(text)s”.")
    values = {"letters": missing[:10], "text": text[:80]}
    return CertificateError("missing_glyphs", message % values)


def _too_long(
    fields: CertificateFields, appearance: Appearance, fitted: tuple[str, ...]
) -> DomainError | None:
    lengths = [len(text) for text in fields.texts().values()]
    if max(lengths) <= LONGEST_FIELD and sum(lengths) < SURELY_FITS and not fitted:
        return None
    try:
        render(appearance, fields)
    except DomainError as error:
        return error
    return None


def _warnings(
    fields: CertificateFields, fitted: tuple[str, ...], trainee: Trainee, known: _Known
) -> list[CertificateError]:
    found = [CertificateError("fitted", message) for message in fitting(fitted)]
    if trainee.pk not in known.confirmed:
        found.append(
            CertificateError("name_unconfirmed", _("The person has not confirmed the name."))
        )
    if trainee.pk in known.candidates:
        found.append(
            CertificateError(
                "open_candidate", _("This may be a duplicate record of another person.")
            )
        )
    if not fields.decision_number:
        found.append(
            CertificateError("no_decision", _("The class has no recognition decision yet."))
        )
    if not fields.place:
        found.append(CertificateError("no_place", _("The issuing body has no place of issue.")))
    return found


def fitting(fitted: tuple[str, ...]) -> list[str]:
    sentences = {
        "full_name": _("The name is long: it will be printed in smaller type or on two lines."),
        "course_title": _("The course title is long: it will be printed in smaller type."),
    }
    return [sentences[name] for name in fitted]


def issued_before(run: CourseRun) -> int:
    return Certificate.objects.live().filter(completion__in=run.completions.not_voided()).count()
