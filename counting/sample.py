"""A random sample of counted people for an auditor, which anybody can draw again."""

import hashlib
import heapq
from dataclasses import dataclass

from certificates.models import Certificate
from common.bulk import in_list
from counting.explanation import with_relations
from counting.replay import Count
from enrollment.models import Completion
from people.models import Trainee

MOST = 200


@dataclass(frozen=True, slots=True)
class Sampled:
    """A counted person, the completion by which they count, and what is on file of it.

    ``certificate`` is the register number of the one in force, or nothing.
    """

    person: Trainee
    first: Completion
    certificate: str

    @property
    def document_sha256(self) -> str:
        return self.first.paper.sha256 if self.first.paper else ""


def sample(count: Count, *, size: int, seed: str) -> list[Sampled]:
    """The first people in the order of SHA-256 of ``seed:code``.

    The same count, size and seed give the same people, on any machine and in any language.
    """
    firsts = {person.person_id: person.first.id for person in count.people}
    codes = Trainee.objects.filter(pk__in=in_list(firsts)).order_by().values_list("code", flat=True)
    drawn = heapq.nsmallest(min(size, MOST), codes, key=lambda code: _lot(seed, code))
    people = Trainee.objects.filter(code__in=drawn).in_bulk(field_name="code")
    ids = [firsts[people[code].pk] for code in drawn]
    found = with_relations(Completion.objects.filter(pk__in=ids)).select_related("paper")
    by_id = found.in_bulk()
    certificates = Certificate.objects.labels_by_completion(ids)
    return [
        Sampled(people[code], by_id[pk], certificates.get(pk, ""))
        for code, pk in zip(drawn, ids, strict=True)
    ]


def _lot(seed: str, code: str) -> bytes:
    return hashlib.sha256(f"{seed}:{code}".encode()).digest()
