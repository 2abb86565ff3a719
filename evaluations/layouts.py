"""What a form of a class asks: its items in order, those about trainers once for each trainer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from evaluations.choices import ItemKind, Subject
from evaluations.models import EvaluatedTrainer, Evaluation, EvaluationForm, FormItem

LEVEL = "level"


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of a form as a table: an item, or a level with the bound below which it lies."""

    kind: str
    number: str
    text_vi: str
    text_en: str = ""
    subject: str = ""
    value: Decimal | None = None  # the weight of a group, the bound of a level
    row: int = 0


def rows_of(form: EvaluationForm) -> list[FormRow]:
    """The form as a table, which ``publish_form`` takes back."""
    rows = [
        FormRow(
            item.kind,
            item.number,
            item.text_vi,
            item.text_en,
            item.subject,
            Decimal(item.weight) if item.kind == ItemKind.GROUP else None,
        )
        for item in form.items.order_by("position")
    ]
    levels = form.levels.all()
    return rows + [FormRow(LEVEL, "", one.word_vi, one.word_en, "", one.below) for one in levels]


@dataclass(frozen=True, slots=True)
class Key:
    """One thing to answer: an item, and the trainer whom it is about."""

    item: int
    trainer: int | None = None

    def __str__(self) -> str:
        return f"{self.item}-{self.trainer}" if self.trainer else str(self.item)


@dataclass(frozen=True, slots=True)
class FilledForm:
    """The answers of one form; what was left out is not in it."""

    answers: Mapping[Key, int] = field(default_factory=dict)
    texts: Mapping[Key, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prompt:
    key: Key
    item: FormItem
    number: str


@dataclass(frozen=True, slots=True)
class Criterion:
    item: FormItem
    indicators: Sequence[Prompt]


@dataclass(frozen=True, slots=True)
class Section:
    """A group; of trainers, one section for each."""

    group: FormItem
    trainer: EvaluatedTrainer | None
    criteria: Sequence[Criterion]
    questions: Sequence[Prompt]

    @property
    def title(self) -> str:
        return f"{self.group.text}: {self.trainer}" if self.trainer else self.group.text


@dataclass(frozen=True, slots=True)
class Layout:
    form: EvaluationForm
    sections: Sequence[Section]

    def indicators(self) -> Iterator[Prompt]:
        for section in self.sections:
            for criterion in section.criteria:
                yield from criterion.indicators

    def questions(self) -> Iterator[Prompt]:
        for section in self.sections:
            yield from section.questions

    def is_valid(self, filled: FilledForm) -> bool:
        """Whether no more indicators are unanswered than the form's rule allows."""
        keys = [prompt.key for prompt in self.indicators()]
        unanswered = sum(key not in filled.answers for key in keys)
        return unanswered * 100 <= self.form.most_unanswered * len(keys)


def layout_of(evaluation: Evaluation) -> Layout:
    trainers = list(evaluation.trainers.select_related("user").order_by("pk"))
    return layout(evaluation.form, trainers)


def layout(form: EvaluationForm, trainers: Sequence[EvaluatedTrainer]) -> Layout:
    children: dict[int | None, list[FormItem]] = {}
    for item in form.items.order_by("position"):
        children.setdefault(item.parent_id, []).append(item)
    sections = []
    for group in children.get(None, []):
        about: Sequence[EvaluatedTrainer | None] = [None]
        if group.subject == Subject.TRAINER:
            about = trainers
        for number, trainer in enumerate(about, start=1):
            end = f" ({number})" if trainer and len(trainers) > 1 else ""
            sections.append(_section(group, trainer, end, children))
    return Layout(form, sections)


def _section(
    group: FormItem,
    trainer: EvaluatedTrainer | None,
    end: str,
    children: Mapping[int | None, Sequence[FormItem]],
) -> Section:
    def prompts(items: Sequence[FormItem], kind: ItemKind) -> list[Prompt]:
        about = trainer.pk if trainer else None
        return [
            Prompt(Key(item.pk, about), item, item.number + end)
            for item in items
            if item.kind == kind
        ]

    inner = children.get(group.pk, [])
    criteria = [
        Criterion(item, prompts(children.get(item.pk, []), ItemKind.INDICATOR))
        for item in inner
        if item.kind == ItemKind.CRITERION
    ]
    return Section(group, trainer, criteria, prompts(inner, ItemKind.QUESTION))
