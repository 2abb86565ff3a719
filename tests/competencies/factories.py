"""Frameworks, what courses teach, and audiences for tests."""

from typing import Any

from audit.services import SYSTEM
from competencies.layouts import FrameworkRow
from competencies.models import AudienceRule, Competency, CourseCompetency, Framework, Level
from competencies.services.audiences import RuleContent, enter_audience
from competencies.services.course_competencies import set_course_competency
from competencies.services.frameworks import adopt_framework, publish_framework
from courses.models import Course

ROWS = [
    FrameworkRow("level", "1", "Cơ bản", "Basic"),
    FrameworkRow("level", "2", "Trung cấp", "Intermediate"),
    FrameworkRow("level", "3", "Nâng cao", "Advanced"),
    FrameworkRow("competency", "A1", "Dùng trợ lý ảo", "Using assistants", "Ứng dụng", "Use"),
    FrameworkRow(
        "competency", "A2", "Bảo vệ dữ liệu", "Protecting data", url="https://khung.example/A2"
    ),
]


def make_framework(
    slug: str = "ai", rows: list[FrameworkRow] = ROWS, *, is_adopted: bool = True, **fields: Any
) -> Framework:
    about = {"title_vi": "Khung AI", "title_en": "AI framework", "url": "https://khung.example/"}
    framework = publish_framework(by=SYSTEM, slug=slug, rows=rows, **(about | fields))
    if is_adopted:
        return adopt_framework(by=SYSTEM, framework=framework, reason="Quyết định 12/QĐ-BKHCN")
    return framework


def teach(
    course: Course, code: str = "A1", level: int = 2, slug: str = "ai", **fields: Any
) -> CourseCompetency:
    framework = Framework.objects.in_force().filter(slug=slug).first() or make_framework(slug)
    return set_course_competency(
        by=SYSTEM,
        course=course,
        competency=framework.competencies.select_related("framework").get(code=code),
        level=framework.levels.get(number=level),
        **fields,
    )


def need(code: str, level: int, slug: str = "ai") -> list[tuple[Competency, Level]]:
    framework = Framework.objects.in_force().filter(slug=slug).first() or make_framework(slug)
    competency = framework.competencies.select_related("framework").get(code=code)
    return [(competency, framework.levels.get(number=level))]


def make_audience(
    slug: str = "group", title_vi: str = "Nhóm", first_day: Any = None, **content: Any
) -> AudienceRule:
    """The rule in force of an audience."""
    audience = enter_audience(
        by=SYSTEM,
        slug=slug,
        title_vi=title_vi,
        first_day=first_day,
        content=RuleContent(**content),
    )
    rule = AudienceRule.objects.with_requirements().filter(audience=audience).first()
    assert rule
    return rule
