"""An adopted framework, what courses teach of it, and the audiences of the programme."""

import datetime as dt

from audit.services import Actor
from competencies.models import Framework
from competencies.services.audiences import RuleContent, enter_audience
from competencies.services.course_competencies import set_course_competency
from competencies.services.frameworks import adopt_framework
from courses.models import Course

FIRST_DAY = dt.date(2025, 1, 1)
LEADERS, SPECIALISTS, EVERYBODY = "leaders", "specialists", "all-staff"
# Course, competency of DigComp, level.
_TAUGHT = (
    ("AI-101", "5.2", 3), ("AI-102", "3.1", 4), ("AI-102", "2.1", 4), ("AI-103", "1.3", 5),
    ("AI-104", "4.2", 5), ("AI-105", "5.3", 5), ("AI-106", "5.2", 4), ("AI-201", "1.2", 7),
    ("DT-001", "1.1", 2), ("DT-001", "4.1", 2),
)  # fmt: skip
_HEADS = ("vụ trưởng", "cục trưởng", "trưởng phòng", "trưởng ban", "giám đốc", "chánh văn phòng")
# Short name, titles, phrases of the position, phrases that exclude, courses, competencies.
_AUDIENCES = (
    (
        LEADERS, "Lãnh đạo, quản lý", "Leaders and managers", _HEADS, (), ("AI-101",),
        (("4.2", 5),),
    ),
    (
        SPECIALISTS, "Chuyên viên", "Specialists", ("chuyên viên", "kỹ sư", "cán bộ"), _HEADS, (),
        (("5.2", 4),),
    ),
    (EVERYBODY, "Tất cả cán bộ", "All staff", (), (), (), (("1.1", 2),)),
)  # fmt: skip


def make_audiences(office: Actor) -> None:
    framework = Framework.objects.get(slug="digcomp")
    adopt_framework(by=office, framework=framework, reason="Quyết định 12/QĐ-CĐSQG")
    framework.refresh_from_db()
    competencies = {one.code: one for one in framework.competencies.select_related("framework")}
    levels = {level.number: level for level in framework.levels.all()}
    courses = {course.code: course for course in Course.objects.all()}
    for course, code, level in _TAUGHT:
        set_course_competency(
            by=office,
            course=courses[course],
            competency=competencies[code],
            level=levels[level],
        )
    for slug, title_vi, title_en, positions, positions_not, needed, having in _AUDIENCES:
        content = RuleContent(
            positions=positions,
            positions_not=positions_not,
            courses=[courses[code] for code in needed],
            competencies=[(competencies[code], levels[level]) for code, level in having],
        )
        enter_audience(
            by=office,
            slug=slug,
            title_vi=title_vi,
            title_en=title_en,
            first_day=FIRST_DAY,
            content=content,
        )
