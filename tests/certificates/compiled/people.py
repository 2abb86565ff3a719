"""Certificates of people who do not exist, forty to a class, as an office would issue them."""

import datetime as dt
import random
from dataclasses import replace

from certificates.pdf import CertificateFields

_LAST = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Lương"
_MIDDLE = ["Thị", "Văn", "Đức", "Hữu", "Ngọc", "Thị Ánh", "Quốc", "Thị Bích", "Xuân", "Hải",
           "Công", "Tôn Nữ Phước Khánh"]  # fmt: skip
_GIVEN = "An Bình Châu Dũng Giang Hương Khoa Lâm My Nga Oanh Phúc Quỳnh Sơn Tuyết Uyên Vượng Yến Ý"
_POSITIONS = [
    "", "Chuyên viên", "Chuyên viên chính", "Phó Trưởng phòng",
    "Trưởng phòng Phòng Công nghệ thông tin", "Phó Giám đốc",
    "Phó Trưởng phòng Phòng Quản lý đầu tư, Ứng dụng trí tuệ nhân tạo và An toàn thông tin mạng",
]  # fmt: skip
_UNITS = [
    "", "Trung tâm Công nghệ thông tin", "Văn phòng", "Sở Khoa học và Công nghệ",
    "Phòng Văn hóa – Xã hội", "Cục Thống kê",
    "Trung tâm Chuyển đổi số và Đổi mới sáng tạo, Văn phòng Tổng công ty, Chi nhánh miền Trung",
]  # fmt: skip
_AGENCIES = [
    "Ủy ban nhân dân tỉnh Thừa Thiên Huế", "Ủy ban nhân dân thành phố Cần Thơ", "Bộ Nội vụ",
    "Sở Tài chính tỉnh Lâm Đồng",
    "Tổng công ty Quản lý bay Việt Nam – Công ty trách nhiệm hữu hạn một thành viên",
]  # fmt: skip
_COURSES = [
    ("Ứng dụng trí tuệ nhân tạo trong phân tích dữ liệu và hoạch định chính sách",
     "Applied AI for Data Analysis and Policy Making"),
    ("Nhập môn trí tuệ nhân tạo", "Introduction to Artificial Intelligence"),
    ("An toàn thông tin khi dùng AI", ""),
    ("Ứng dụng trí tuệ nhân tạo tạo sinh trong soạn thảo văn bản hành chính, xử lý hồ sơ thủ tục",
     "Generative Artificial Intelligence for Drafting Official Documents"),
]  # fmt: skip
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SITE = "https://daotao.example.gov.vn/verify/"


def certificate_of(number: int, *, signature: str = "") -> CertificateFields:
    """The certificate of a made-up person: the same for the same number."""
    own, group = random.Random(f"person {number}"), random.Random(f"class {number // 40}")
    code = "-".join("".join(own.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    year, day = 1965 + own.randrange(35), dt.timedelta(days=own.randrange(365))
    return replace(
        _of_class(group, number // 40),
        full_name=f"{own.choice(_LAST.split())} {own.choice(_MIDDLE)} {own.choice(_GIVEN.split())}",
        birth=own.choice([dt.date(year, 1, 1) + day, year, None]),
        position=own.choices(_POSITIONS, [2, 6, 6, 4, 3, 3, 1])[0],
        unit=own.choices(_UNITS, [2, 5, 4, 4, 3, 3, 1])[0],
        agency=own.choices(_AGENCIES, [5, 5, 4, 4, 1])[0],
        grade=own.choice(["", "Đạt", "Khá", "Giỏi", "Xuất sắc"]),
        serial_number=own.choice(["", f"A {number:07d}"]),
        register_number=f"{number:04d}/2026/AI",
        verification_code=code,
        verification_url=SITE + code,
        signature_image=signature,
    )


def _of_class(group: random.Random, number: int) -> CertificateFields:
    course, english = group.choice(_COURSES)
    start = dt.date(2025, 1, 6) + dt.timedelta(days=7 * group.randrange(60))
    return CertificateFields(
        parent_body="BỘ THÔNG TIN VÀ TRUYỀN THÔNG",
        issuing_body="CỤC CHUYỂN ĐỔI SỐ QUỐC GIA",
        full_name="",
        course_title=course,
        course_title_en=english,
        run_code=f"AI-{start:%Y}-{number:03d}",
        periods=group.choice([16, 24, 40]),
        starts_on=start,
        ends_on=start + dt.timedelta(days=2),
        register_number="",
        decision_number=f"{number + 1}/QĐ-CĐSQG",
        decision_date=start + dt.timedelta(days=20),
        place="Hà Nội",
        issued_on=start + dt.timedelta(days=25),
        authority=("TL. BỘ TRƯỞNG", "CỤC TRƯỞNG"),
        signer_name="Nguyễn Phương Hằng",
        verification_code="",
        verification_url="",
    )
