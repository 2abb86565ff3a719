"""Certificates with the shortest, the usual and the longest real data."""

import datetime as dt
import io
from typing import Any

from PIL import Image, ImageDraw

from certificates.pdf import CertificateFields

CODE = "7K3M-9QXB-TFW2-HD8P"
URL = f"https://daotao.example.gov.vn/verify/{CODE}"


def usual(**changes: Any) -> CertificateFields:
    values: dict[str, Any] = {
        "parent_body": "BỘ THÔNG TIN VÀ TRUYỀN THÔNG",
        "issuing_body": "CỤC CHUYỂN ĐỔI SỐ QUỐC GIA",
        "full_name": "Nguyễn Thị Ánh Tuyết",
        "birth": dt.date(1985, 3, 5),
        "position": "Chuyên viên chính",
        "unit": "Trung tâm Công nghệ thông tin",
        "agency": "Ủy ban nhân dân tỉnh Thừa Thiên Huế",
        "course_title": "Ứng dụng trí tuệ nhân tạo trong phân tích dữ liệu và "
        "hoạch định chính sách",
        "course_title_en": "Applied AI for Data Analysis and Policy Making",
        "run_code": "AI-DATA-2024-01",
        "periods": 24,
        "starts_on": dt.date(2024, 6, 3),
        "ends_on": dt.date(2024, 6, 5),
        "grade": "Giỏi",
        "serial_number": "A 0012345",
        "register_number": "0012/2024/AI",
        "decision_number": "45/QĐ-CĐSQG",
        "decision_date": dt.date(2024, 6, 28),
        "place": "Hà Nội",
        "issued_on": dt.date(2024, 7, 5),
        "authority": ("TL. BỘ TRƯỞNG", "CỤC TRƯỞNG"),
        "signer_name": "Nguyễn Phương Hằng",
        "verification_code": CODE,
        "verification_url": URL,
    }
    return CertificateFields(**(values | changes))


def shortest() -> CertificateFields:
    return CertificateFields(
        issuing_body="HỌC VIỆN CHIẾN LƯỢC",
        full_name="Lý Ý",
        course_title="Nhập môn AI",
        register_number="0001/2024/AI",
        issued_on=dt.date(2024, 12, 31),
        signer_name="Đỗ An",
        verification_code=CODE,
        verification_url=URL,
        title_en="",
    )


def longest() -> CertificateFields:
    return usual(
        parent_body="BỘ NÔNG NGHIỆP VÀ MÔI TRƯỜNG",
        issuing_body="TRƯỜNG ĐÀO TẠO, BỒI DƯỠNG CÁN BỘ QUẢN LÝ VÀ NGHIỆP VỤ CHUYỂN ĐỔI SỐ",
        full_name="Công Huyền Tôn Nữ Nguyễn Phước Thị Bích Phượng Hoàng Khánh Quỳnh Trương",
        birth=1985,
        position="Phó Trưởng phòng Phòng Quản lý đầu tư, Ứng dụng trí tuệ nhân tạo và An toàn "
        "thông tin mạng",
        unit="Trung tâm Chuyển đổi số và Đổi mới sáng tạo, Văn phòng Tổng công ty, Chi nhánh khu "
        "vực miền Trung và Tây Nguyên",
        agency="Tổng công ty Quản lý bay Việt Nam – Công ty trách nhiệm hữu hạn một thành viên",
        course_title="Ứng dụng trí tuệ nhân tạo tạo sinh trong soạn thảo văn bản hành chính, xử lý "
        "hồ sơ thủ tục hành chính và hỗ trợ ra quyết định cho cán bộ lãnh đạo cấp vụ, cấp sở",
        course_title_en="Generative Artificial Intelligence for Drafting Official Documents, "
        "Processing Administrative Files and Decision Support for Senior Officials",
        run_code="AI-GEN-LEADERS-2025-11",
        periods=120,
        starts_on=dt.date(2025, 10, 13),
        ends_on=dt.date(2025, 12, 31),
        grade="Trung bình khá",
        register_number="1234/2025/CĐS-BDCB",
        decision_number="1234/QĐ-TĐTBDCBQL&NVCĐS",
        decision_date=dt.date(2025, 12, 31),
        place="Thành phố Hồ Chí Minh",
        issued_on=dt.date(2026, 1, 5),
        authority=(
            "TUQ. BỘ TRƯỞNG",
            "KT. HIỆU TRƯỞNG TRƯỜNG ĐÀO TẠO, BỒI DƯỠNG",
            "PHÓ HIỆU TRƯỞNG",
        ),
        signer_name="PGS. TS. Nguyễn Hoàng Phương Quỳnh Trâm",
    )


def picture(mode: str = "RGBA", size: tuple[int, int] = (900, 400)) -> bytes:
    """A hand on a transparent ground, as PNG."""
    image = Image.new(mode, size)
    draw = ImageDraw.Draw(image)
    draw.line([(30, 300), (300, 40), (420, 350), (800, 120)], fill="#1a3a8a", width=9)
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()
