"""The version of a course that a credential certifies, and its address."""

import hashlib
import json
from dataclasses import asdict
from urllib.parse import quote

from certificates.credential import CourseVersion, Document, TaughtCompetency, achievement
from certificates.models import Achievement
from certificates.services.printed_fields import verification_url
from common import clock
from competencies.models import CourseCompetency
from courses.models import Course


def achievement_of(course: Course) -> Document:
    """What a certificate issued now certifies; recorded where the course has changed.

    Called with the register's year locked, so that two classes do not give one number twice.
    """
    return document_of(_recorded(course))


def document_of(row: Achievement, language: str = "vi") -> Document:
    address = verification_url(f"courses/{quote(row.course.code)}/{row.version}")
    content = dict(row.content)
    taught = [TaughtCompetency(**one) for one in content.pop("competencies", ())]
    return achievement(address, CourseVersion(**content, competencies=taught), language)


def _recorded(course: Course) -> Achievement:
    content = asdict(_version_of(course))
    if not content["competencies"]:
        del content["competencies"]  # so that a course without any has no other version than before
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
    score, links = course.minimum_score, CourseCompetency.objects.of_course(course)
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
        competencies=[_taught(link) for link in links.on(clock.today())],
    )


def _taught(link: CourseCompetency) -> TaughtCompetency:
    competency, level = link.competency, link.level
    return TaughtCompetency(
        code=competency.code,
        name_vi=competency.name_vi,
        name_en=competency.name_en,
        framework_vi=competency.framework.title_vi,
        framework_en=competency.framework.title_en,
        url=competency.url or competency.framework.url,
        level_vi=f"Mức {level.number}: {level.name_vi}",
        level_en=f"Level {level.number}: {level.name_en or level.name_vi}",
    )
