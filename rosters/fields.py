"""The columns of rosters, each declared once.

What an import recognises, what an export writes, what pages call a column and what a reader may see
of it are all derived from here: a new column is one more ``RosterField``; one that is stored on the
enrollment also needs its model and ``enrollment.services.details``, a coded one its ``words``.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from common.spreadsheets import Kind
from enrollment.choices import EnrollmentState, Grade, PersonVisibility, TraineeKind
from people.choices import Sex
from rosters.roster_field import Owner, RosterField

_NAMES: Final = frozenset({"full_name", "family_name", "middle_name", "given_name"})
_BIRTH_OR_SEX: Final = frozenset({"birth", "sex"})

# Key, label, kind and width.
_TRAINING: Final[tuple[tuple[str, Any, Kind, int], ...]] = (
    ("agency_today", _("Agency as it is today"), "text", 32),
    ("training_status", _("Training status"), "text", 14),
    ("first_course", _("First course"), "text", 40),
    ("first_completed_on", _("First completion"), "date", 12),
    ("last_course", _("Last course"), "text", 40),
    ("last_completed_on", _("Last completion"), "date", 12),
    ("courses_completed", _("Courses completed"), "number", 11),
    ("periods_completed", _("Periods completed"), "number", 11),
    ("certificate_numbers", _("Register numbers of certificates"), "text", 18),
    ("certificate_states", _("States of certificates"), "text", 14),
    ("counted", _("Counted"), "text", 10),
    ("why_not_counted", _("Why not counted"), "text", 50),
    ("still_to_learn", _("Still to learn"), "text", 50),
)

# In the order in which exports offer them.
# fmt: off
FIELDS: Final = (
    RosterField(
        key="index", label=_("No."), owner=Owner.LIST, begins_row=True, kind="number", width=5,
        by_default=True, shown_from=PersonVisibility.HIDDEN,
        vi="STT, TT, Số TT, Số thứ tự",
        en="No, No., Nr, Number, Serial number",
    ),
    RosterField(
        key="trainee_code", label=_("Trainee code"), shows_person=True, columns=("code",),
        by_default=True, shown_from=PersonVisibility.HIDDEN,
        vi="Mã học viên",
        en="Trainee code",
    ),
    RosterField(
        key="full_name", label=_("Full name"), only_under=_NAMES, identifies=True,
        columns=("full_name",), width=24, is_long=True, by_default=True,
        vi=(
            "Họ và tên, Họ tên, Họ & tên, Họ chữ đệm và tên, Họ tên đệm và tên, Họ đệm và tên, Họ "
            "đệm tên, Họ và tên khai sinh, Tên học viên, Tên cán bộ, Tên công chức, Tên viên "
            "chức, Tên người tham dự, Tên người tham gia, Tên đầy đủ, Học viên"
        ),
        en="Full name, Fullname, Name, Name in full, Trainee, Trainee name, Participant",
    ),
    RosterField(
        key="family_name", label=_("Family and middle names"), only_under=_NAMES,
        part_of="full_name", identifies=True,
        vi=(
            "Họ và tên đệm, Họ tên đệm, Họ đệm, Họ và đệm, Họ và chữ đệm, Họ chữ đệm, Họ và tên "
            "lót, Họ lót, Họ và lót, Họ"
        ),
        en=(
            "Surnames, Family names, Family name, Surname, Last name, Family and middle names, "
            "Family and middle name, Last and middle name"
        ),
    ),
    RosterField(
        key="middle_name", label=_("Middle name"), only_under=_NAMES, part_of="full_name",
        identifies=True,
        vi="Tên đệm, Chữ đệm, Tên lót, Đệm",
        en="Middle name, Middle names",
    ),
    RosterField(
        key="given_name", label=_("Given name"), only_under=_NAMES, part_of="full_name",
        identifies=True,
        vi="Tên",
        en="Given name, Given names, First name, First names, Forename, Forenames",
    ),
    RosterField(
        key="birth", label=_("Birth date"), identifies=True, shows_person=True, begins_row=True,
        columns=("birth_date", "birth_year"), kind="date", width=11, by_default=True,
        vi=(
            "Ngày sinh, Ngày tháng năm sinh, Năm sinh, Sinh ngày, Sinh năm, Ngày sinh năm sinh, "
            "Ngày nơi sinh, Ngày và nơi sinh, Ngày tháng năm và nơi sinh, Ngày tháng năm nơi "
            "sinh, Ngày năm sinh, Ngày tháng sinh, NTNS"
        ),
        en=(
            "Date and place of birth, Birth date, Birthdate, Date of birth, DOB, D.O.B, Birthday, "
            "Birth year, Year of birth, Born"
        ),
        also_in_cell=(
            "Nơi sinh, Quê quán, Nguyên quán, Quê, Tuổi, Place of birth, Birthplace, Home town, "
            "Age"
        ),
    ),
    RosterField(
        key="birth_male", label=_("Birth date of men"), only_under=_BIRTH_OR_SEX, part_of="birth",
        identifies=True, shows_person=True, begins_row=True,
    ),
    RosterField(
        key="birth_female", label=_("Birth date of women"), only_under=_BIRTH_OR_SEX,
        part_of="birth", identifies=True, shows_person=True, begins_row=True,
    ),
    RosterField(
        key="sex", label=_("Sex"), shows_person=True, columns=("sex",), kind="code", width=7,
        choices=Sex, by_default=True,
        vi="Giới tính, Giới, GT, Phái, Nam nữ",
        en="Sex, Gender, Male female, M F",
    ),
    RosterField(
        key="personal_number", label=_("Personal number"), identifies=True, shows_person=True,
        begins_row=True, columns=("personal_number_tail",), width=15, by_default=True,
        vi=(
            "Số CCCD, CCCD, CCCD số, Số căn cước công dân, Căn cước công dân, Căn cước công dân "
            "số, Số căn cước, Căn cước, Số thẻ căn cước, Số thẻ căn cước công dân, Số thẻ CCCD, "
            "Thẻ CCCD, Thẻ căn cước, Mã số CCCD, Mã CCCD, CCCD CMND, CMND CCCD, CMND, Số CMND, "
            "CMTND, Số CMTND, Số giấy CMND, Số định danh cá nhân, Số định danh, Mã định danh, Mã "
            "định danh cá nhân, Mã số định danh cá nhân, Mã số định danh, ĐDCN, Số ĐDCN, Mã số "
            "công dân, Số căn cước CCCD"
        ),
        en=(
            "Personal number, Personal identification number, Personal ID, Personal ID number, "
            "Citizen ID, Citizen ID number, Citizen identification number, ID number, "
            "Identification number, Identity number, Identity card, Identity card number, "
            "National ID, National ID number, ID card, ID card number"
        ),
        only_beside_heading="Hộ chiếu, Số hộ chiếu, Passport, Passport number, ID",
        also_in_cell=(
            "Ngày cấp, Nơi cấp, Ngày nơi cấp, Ngày và nơi cấp, Cơ quan cấp, Ngày tháng năm cấp, "
            "Date of issue, Place of issue, Issued on, Issued by"
        ),
    ),
    RosterField(
        key="phone", label=_("Phone"), shows_person=True, columns=("phone",), width=12,
        by_default=True, shown_from=PersonVisibility.FULL,
        vi=(
            "Điện thoại, Số điện thoại, SĐT, ĐT, Số ĐT, Điện thoại di động, Số điện thoại di "
            "động, Di động, Số di động, ĐTDĐ, Số ĐTDĐ, ĐT di động, Số ĐT di động, SĐT di động, Số "
            "máy"
        ),
        en=(
            "Phone, Phone number, Contact number, Contact phone, Mobile, Mobile phone, Mobile "
            "phone number, Mobile number, Telephone, Telephone number, Tel, Tel number, Cell, "
            "Cell phone, Cell phone number"
        ),
        only_beside_heading="Zalo, Số Zalo, Viber, WhatsApp",
    ),
    RosterField(
        key="email", label=_("E-mail"), shows_person=True, columns=("email",), width=26,
        is_long=True, by_default=True, shown_from=PersonVisibility.FULL,
        vi=(
            "Thư điện tử, Địa chỉ email, Địa chỉ e-mail, Địa chỉ thư điện tử, Địa chỉ thư, Địa "
            "chỉ mail, Hộp thư điện tử, Hộp thư"
        ),
        en="Email, E-mail, Mail, Gmail, Email address, E-mail address, Mail address",
    ),
    RosterField(
        key="position", label=_("Position"), owner=Owner.ENROLLMENT, longest=150,
        columns=("position",), falls_back_to_person=True, width=18, is_long=True, by_default=True,
        vi=(
            "Chức vụ, Chức danh, Chức vụ chức danh, Chức danh chức vụ, Chức danh nghề nghiệp, "
            "Chức vụ đơn vị công tác, Chức vụ đơn vị, Chức vụ công tác, Chức vụ đảm nhiệm, Vị trí "
            "việc làm, Vị trí công tác, Vị trí"
        ),
        en=(
            "Position, Position held, Job position, Job title, Position title, Title, Post, "
            "Designation"
        ),
        only_beside_heading="Ngạch",
    ),
    RosterField(
        key="unit", label=_("Work unit"), owner=Owner.ENROLLMENT,
        only_under=frozenset({"unit", "position"}), longest=200, columns=("unit",),
        falls_back_to_person=True, width=26, is_long=True, by_default=True,
        vi=(
            "Đơn vị công tác, Đơn vị, Cơ quan công tác, Nơi công tác, Nơi làm việc, Đơn vị làm "
            "việc, Cơ quan, Cơ quan đơn vị, Cơ quan đơn vị công tác, Đơn vị cơ quan, Đơn vị phòng "
            "ban, Phòng ban, Phòng ban đơn vị, Phòng, Phòng ban công tác, Bộ phận, Bộ phận công "
            "tác, Tên đơn vị, Tên cơ quan, Tên cơ quan đơn vị, Tên đơn vị công tác, Đơn vị nào, "
            "Cơ quan nào"
        ),
        en=(
            "Unit, Work unit, Working unit, Department, Division, Office, Organisation, "
            "Organization, Agency, Institution, Workplace, Work place, Place of work, Where do "
            "you work"
        ),
        only_beside_heading="Công ty, Ministry, Company",
    ),
    RosterField(
        key="trainee_kind", label=_("Official or expert"), owner=Owner.ENROLLMENT,
        columns=("trainee_kind",), kind="code", width=12, choices=TraineeKind, by_default=True,
        shown_from=PersonVisibility.HIDDEN,
        vi=(
            "Cán bộ/chuyên gia, Chuyên gia/cán bộ, Cán bộ hoặc chuyên gia, Cán bộ hay chuyên gia, "
            "Là cán bộ hay chuyên gia, Đối tượng, Đối tượng học viên, Đối tượng bồi dưỡng, Đối "
            "tượng đào tạo, Đối tượng tham gia, Đối tượng tham dự, Loại đối tượng, Nhóm đối tượng, "
            "Loại học viên, Phân loại học viên"
        ),
        en=(
            "Official or expert, Official/expert, Expert or official, Expert/official, Officials "
            "or experts, Trainee kind, Kind of trainee, Trainee type, Type of trainee, Trainee "
            "category, Category of trainee"
        ),
        words={
            TraineeKind.OFFICIAL: (
                "Cán bộ, Công chức, Viên chức, Chuyên viên, Lãnh đạo, CB, CC, VC, CBCC, CBVC, "
                "CCVC, CBCCVC, CB-CC-VC, Official, Officials, Civil servant, Public servant, "
                "Public employee"
            ),
            TraineeKind.EXPERT: "Chuyên gia, CG, Expert, Experts",
        },
    ),
    RosterField(
        key="remarks", label=_("Note"), owner=Owner.ENROLLMENT, longest=250, columns=("remarks",),
        is_long=True, by_default=True, shown_from=PersonVisibility.HIDDEN,
        vi="Ghi chú, Ghi chú khác",
        en="Note, Notes, Remark, Remarks, Comment, Comments",
    ),
    RosterField(
        key="agency", label=_("Current agency"), columns=("agency__name_vi",), width=32,
        is_long=True, in_rosters=False, shown_from=PersonVisibility.FULL,
    ),
    RosterField(
        key="sending_agency", label=_("Sending agency"), owner=Owner.ENROLLMENT,
        columns=("sending_agency__name_vi",), width=32, is_long=True, by_default=True,
        shown_from=PersonVisibility.HIDDEN,
    ),
    RosterField(
        key="state", label=_("State"), owner=Owner.ENROLLMENT, columns=("state",), width=14,
        choices=EnrollmentState, by_default=True, shown_from=PersonVisibility.HIDDEN,
    ),
    RosterField(
        key="run_code", label=_("Class code"), owner=Owner.RUN, longest=150, columns=("code",),
        width=18, shown_from=PersonVisibility.HIDDEN,
        vi="Mã lớp, Mã lớp học, Mã lớp bồi dưỡng",
        en="Class code, Code of the class",
    ),
    RosterField(
        key="course", label=_("Course"), owner=Owner.RUN, columns=("course__title_vi",), width=40,
        is_long=True, shown_from=PersonVisibility.HIDDEN,
    ),
    RosterField(
        key="starts_on", label=_("First day"), owner=Owner.RUN, columns=("starts_on",), kind="date",
        width=12, shown_from=PersonVisibility.HIDDEN,
    ),
    RosterField(
        key="ends_on", label=_("Last day"), owner=Owner.RUN, columns=("ends_on",), kind="date",
        width=12, shown_from=PersonVisibility.HIDDEN,
    ),
    RosterField(
        key="completed_on", label=_("Completed on"), owner=Owner.COMPLETION,
        columns=("completed_on",), kind="date", width=12,
    ),
    RosterField(
        key="score", label=_("Score"), owner=Owner.COMPLETION, columns=("score",), kind="number",
        width=8,
    ),
    RosterField(
        key="grade", label=_("Grade"), owner=Owner.COMPLETION, columns=("grade",), width=14,
        choices=Grade,
    ),
    RosterField(
        key="attendance", label=_("Attendance, %"), owner=Owner.COMPLETION,
        columns=("attendance_percent",), kind="number", width=12,
    ),
    RosterField(
        key="units_done", label=_("Units done"), owner=Owner.LEARNING, columns=("units_done",),
        kind="number", width=8,
    ),
    RosterField(
        key="test_before", label=_("Test before the class, of 10"), owner=Owner.LEARNING,
        columns=("before",), kind="number", width=12,
    ),
    RosterField(
        key="test_after", label=_("Test after the class, of 10"), owner=Owner.LEARNING,
        columns=("after",), kind="number", width=12,
    ),
    RosterField(
        key="register_number", label=_("Register number"), owner=Owner.CERTIFICATE,
        columns=("register_number", "year", "register"),
    ),
    RosterField(
        key="serial_number", label=_("Serial number"), owner=Owner.CERTIFICATE,
        columns=("serial_number",), width=18,
    ),
    *(
        RosterField(
            key=key, label=label, owner=Owner.TRAINING, kind=kind, width=width, in_rosters=False
        )
        for key, label, kind, width in _TRAINING
    ),
)
# fmt: on

FIELD: Final[Mapping[str, RosterField]] = {field.key: field for field in FIELDS}

NAME_KEYS: Final = tuple(f.key for f in FIELDS if "full_name" in (f.key, f.part_of))
BIRTH_KEYS: Final = tuple(f.key for f in FIELDS if "birth" in (f.key, f.part_of))
TEXT_KEYS: Final = tuple(f.key for f in FIELDS if f.is_free_text)
CODE_KEYS: Final = tuple(f.key for f in FIELDS if f.is_coded)
IMPORTED_KEYS: Final = tuple(f.key for f in FIELDS if f.is_importable)
# What a user may assign to a column; empty is none of these.
MAPPABLE_KEYS: Final = frozenset({"", *IMPORTED_KEYS})

ROSTER_KEYS: Final = tuple(f.key for f in FIELDS if f.is_exportable and f.in_rosters)
DEFAULT_KEYS: Final = tuple(f.key for f in FIELDS if f.by_default)
# A list of people knows nothing of single enrollments.
PEOPLE_KEYS: Final = tuple(
    f.key
    for f in FIELDS
    if f.person_paths or (f.is_exportable and f.owner in (Owner.LIST, Owner.TRAINING))
)
TRAINING_KEYS: Final = tuple(f.key for f in FIELDS if f.owner is Owner.TRAINING)


def label_of(key: str, value: Any) -> str:
    """A value as pages show it: of a code its label, nothing of a blank."""
    choices = FIELD[key].choices
    return str(choices(value).label if choices and value else value or "")
