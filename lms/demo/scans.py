"""Documents as somebody would have scanned them."""

import io

from common.fonts import find_font

_LINES = (
    "BIÊN BẢN CHẤM BÀI TẬP CUỐI KHÓA",
    "",
    "Học viên nộp bài sau lớp do đi công tác; kết quả: Đạt.",
)


def minutes_of_a_late_exam() -> bytes:
    """A page as a PNG: whoever counts PDFs under MEDIA_ROOT counts certificates."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (620, 877), 255)
    font = ImageFont.truetype(str(find_font("LiberationSerif-Regular.ttf")), 22)
    ImageDraw.Draw(page).multiline_text((60, 90), "\n".join(_LINES), fill=0, font=font)
    made = io.BytesIO()
    page.save(made, "PNG")
    return made.getvalue()
