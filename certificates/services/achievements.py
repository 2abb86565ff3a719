"""The version of a course that a credential certifies, and its address."""

import hashlib
import json
from dataclasses import asdict
from urllib.parse import quote

from certificates.credential import CourseVersion, Document, achievement
from certificates.models import Achievement
from certificates.services.printed_fields import verification_url
from courses.models import Course


def achievement_of(course: Course) -> Document:
    """What a certificate issued now certifies; recorded where the course has changed.

    Called with the register's year locked, so that two classes do not give one number twice.
    """
    return document_of(_recorded(course))


def document_of(row: Achievement, language: str = "vi") -> Document:
    address = verification_url(f"courses/{quote(row.course.code)}/{row.version}")
    return achievement(address, CourseVersion(**row.content), language)


def _recorded(course: Course) -> Achievement:
    content = asdict(_version_of(course))
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    rows = Achievement.objects.filter(course=course)
    found = rows.filter(digest=digest).first()
    if found is None:
        found = Achievement(course=course, version=rows.count() + 1, digest=digest, content=content)
        found.save()
    found.course = course
    return found


def _version_of(course: Course) -> CourseVersion:
    score = course.minimum_score
    return CourseVersion(
        code=course.code,
        title_vi=course.title_vi,
        title_en=course.title_en,
        description_vi=course.description_vi,
        description_en=course.description_en,
        periods=course.periods,
        minimum_attendance=course.minimum_attendance,
        minimum_score="" if score is None else f"{score.normalize():f}",
        competency_name=course.competency_name,
        competency_framework=course.competency_framework,
        competency_url=course.competency_url,
    )
