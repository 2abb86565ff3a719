"""Adding forms to the counters of an evaluation, so that none can be told from another."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, F, Q, Value, When

from evaluations.choices import Source
from evaluations.layouts import FilledForm, Layout
from evaluations.models import AnswerCount, Evaluation, FreeText

# So many texts are dealt afresh with each new one: which was the last cannot be seen.
MIXED = 50


@dataclass(frozen=True, slots=True)
class Counted:
    valid: int
    invalid: int


def count_forms(
    evaluation: Evaluation, source: Source, forms: Sequence[FilledForm], layout: Layout
) -> Counted:
    """Add forms to a locked evaluation. Of an invalid form only the texts stay."""
    valid = [form for form in forms if layout.is_valid(form)]
    counted = Counted(len(valid), len(forms) - len(valid))
    Evaluation.objects.filter(pk=evaluation.pk).update(
        **{
            f"valid_{source}": F(f"valid_{source}") + counted.valid,
            f"invalid_{source}": F(f"invalid_{source}") + counted.invalid,
        }
    )
    _add_answers(evaluation, source, valid)
    _add_texts(evaluation, source, forms)
    return counted


def _add_answers(evaluation: Evaluation, source: Source, valid: Sequence[FilledForm]) -> None:
    times = Counter((key, value) for form in valid for key, value in form.answers.items())
    chosen = defaultdict[int, Q](Q)
    for (key, value), number in times.items():
        chosen[number] |= Q(item=key.item, trainer=key.trainer, value=value)
    more = [When(which, then=Value(number)) for number, which in chosen.items()]
    # Every counter is written each time: in a dump, PostgreSQL's rows lie in the order in which
    # they were last written, and those of the last form would stand together at its end.
    counters = AnswerCount.objects.filter(evaluation=evaluation, source=source)
    counters.update(count=F("count") + Case(*more, default=Value(0)))


def _add_texts(evaluation: Evaluation, source: Source, forms: Sequence[FilledForm]) -> None:
    new = [
        FreeText(
            evaluation=evaluation,
            source=source,
            item_id=key.item,
            trainer_id=key.trainer,
            text=text,
        )
        for form in forms
        for key, text in form.texts.items()
    ]
    if not new:
        return
    # Dealt afresh among others, with new keys, since rows lie in the order of writing.
    others = list(evaluation.texts.order_by("id")[:MIXED])
    evaluation.texts.filter(pk__in=[one.pk for one in others]).delete()
    for one in others:
        one.pk = FreeText().pk
    mixed = [*new, *others]
    random.SystemRandom().shuffle(mixed)
    FreeText.objects.bulk_create(mixed)
