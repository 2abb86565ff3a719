import datetime as dt
import io

import pikepdf
import pytest
from PIL import Image

from common.errors import DomainError
from common.fonts import find_font
from common.pdf import Asset, Attachment, Metadata, Renderer, render_pdf
from tests.pdfs import text_of
from tests.validators.vera import broken_rules

WHEN = dt.datetime(2024, 7, 5, 10, 30, tzinfo=dt.timezone(dt.timedelta(hours=7)))
METADATA = Metadata(title="Báo cáo", created=WHEN, identifier=b"0123456789abcdef", author="Cục")
FONT = "LiberationSerif-Regular.ttf"
CSS = f'@font-face{{font-family:T;src:url("asset:{FONT}")}} html{{font-family:T}}'
GRADIENT = (
    '<linearGradient id="g"><stop stop-color="red"/><stop offset="1"/></linearGradient>'
    '<rect width="9" height="9" fill="url(#g)"/>'
)
PAGE = "<!doctype html><html lang=vi><title>x</title><body><h1>Tiêu đề</h1>%s</body></html>"


@pytest.fixture(scope="module")
def assets() -> dict[str, Asset]:
    return {FONT: Asset(find_font(FONT).read_bytes(), "font/ttf")}


def _dot(colour: int) -> Asset:
    output = io.BytesIO()
    Image.new("L", (8, 8), colour).save(output, "PNG")
    return Asset(output.getvalue(), "image/png")


def _open(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def test_a_file_with_picture_table_link_and_attachment_is_valid(assets, tmp_path):
    body = (
        '<img src="asset:dot" alt="Chấm"><p><a href="https://example.gov.vn/">Tra cứu</a></p>'
        "<table><caption>Kết quả</caption><tr><th scope=col>Đơn vị</th><th scope=col>Số</th></tr>"
        "<tr><td>Huế</td><td>3</td></tr></table>"
    )
    path = tmp_path / "report.pdf"
    path.write_bytes(
        render_pdf(
            PAGE % body,
            metadata=METADATA,
            stylesheets=[CSS],
            assets=assets | {"dot": _dot(0)},
            attachments=[Attachment("data.json", b"{}", "Số liệu")],
        )
    )
    assert broken_rules([path]) == {("report.pdf", "3a"): [], ("report.pdf", "ua1"): []}


@pytest.mark.parametrize(
    "body",
    [
        '<img src="http://169.254.169.254/latest" alt="x">',
        '<img src="https://example.com/x.png" alt="x">',
        '<img src="file:///etc/hostname" alt="x">',
        '<img src="ftp://example.com/x" alt="x">',
        '<img src="data:image/png;base64,AAAA" alt="x">',
        '<img src="picture.png" alt="x">',
        '<img src="asset:missing.png" alt="x">',
        '<img src="asset:spy.svg" alt="x">',
        '<link rel="stylesheet" href="https://example.com/x.css">',
        '<style>@import "file:///etc/hostname";</style>',
        '<p style="background:url(https://example.com/x.png)">x</p>',
    ],
)
def test_a_page_reaches_nothing_but_its_assets(body):
    spy = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/hostname"/></svg>'
    with pytest.raises(DomainError) as refused:
        render_pdf(
            PAGE % body,
            metadata=METADATA,
            assets={"spy.svg": Asset(spy, "image/svg+xml")},
        )
    assert refused.value.code == "blocked_resource"


def test_a_page_attaches_nothing_by_itself(assets):
    page = PAGE % '<link rel="attachment" href="file:///etc/hostname">'
    with _open(render_pdf(page, metadata=METADATA, stylesheets=[CSS], assets=assets)) as pdf:
        assert len(pdf.attachments) == 0


def test_a_style_sheet_reaches_nothing_but_its_assets():
    with pytest.raises(DomainError) as refused:
        Renderer(stylesheets=['@font-face{font-family:T;src:url("file:///etc/passwd")}'])
    assert refused.value.code == "blocked_resource"


def test_after_a_refused_page_the_next_one_is_made(assets):
    renderer = Renderer(stylesheets=[CSS], assets=assets)
    with pytest.raises(DomainError):
        renderer.render(PAGE % '<img src="file:///x" alt="x">', metadata=METADATA)
    assert "Tiêu đề" in text_of(renderer.render(PAGE % "", metadata=METADATA))


def test_more_pages_than_allowed_are_refused(assets):
    renderer = Renderer(stylesheets=[CSS], assets=assets)
    with pytest.raises(DomainError) as refused:
        renderer.render(PAGE % ("<p>dòng</p>" * 200), metadata=METADATA, max_pages=1)
    assert refused.value.code == "does_not_fit"


def test_the_file_says_of_itself_what_we_say_not_what_the_page_says(assets):
    page = "<html lang=fr><title>Sai</title><meta name=author content=Sai><meta name=x content=Sai>"
    with _open(render_pdf(page, metadata=METADATA, stylesheets=[CSS], assets=assets)) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Báo cáo"
        assert str(pdf.docinfo["/Author"]) == "Cục"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20240705033000Z"
        assert str(pdf.Root.Lang) == "vi"


def test_pictures_of_one_document_do_not_show_in_the_next(assets):
    renderer = Renderer(stylesheets=[CSS], assets=assets)
    page = PAGE % '<img src="asset:dot" alt="Chấm">'
    black = renderer.render(page, metadata=METADATA, assets={"dot": _dot(0)})
    white = renderer.render(page, metadata=METADATA, assets={"dot": _dot(255)})
    assert black != white
    assert renderer.render(page, metadata=METADATA, assets={"dot": _dot(0)}) == black


def test_a_picture_does_not_ask_to_be_smoothed(assets):
    page = PAGE % '<img src="asset:dot" alt="Chấm">'
    made = render_pdf(page, metadata=METADATA, stylesheets=[CSS], assets=assets | {"dot": _dot(0)})
    with _open(made) as pdf:
        images = [image for page in pdf.pages for image in page.get_images().values()]
        assert [bool(image.Interpolate) for image in images] == [False]


def test_a_background_lies_beneath_every_page_and_is_no_content(assets, tmp_path):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1L8 8"/></svg>'
    made = render_pdf(
        PAGE % ("<p>dòng</p>" * 200),
        metadata=METADATA,
        stylesheets=[CSS],
        assets=assets,
        background=svg,
    )
    path = tmp_path / "pages.pdf"
    path.write_bytes(made)
    with _open(made) as pdf:
        assert len(pdf.pages) > 1
        for page in pdf.pages:
            assert page.Contents.read_bytes().startswith(b"/Artifact BMC q /background Do Q EMC")
    assert not any(broken_rules([path]).values())


@pytest.mark.parametrize(
    "shape",
    [
        '<rect width="9" height="9" opacity=".5"/>',
        GRADIENT,
        '<text x="1" y="5">chữ</text>',
    ],
)
def test_a_background_of_more_than_solid_shapes_is_refused(shape):
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{shape}</svg>'
    with pytest.raises(DomainError) as refused:
        Renderer(stylesheets=[], background=svg)
    assert refused.value.code == "design_invalid"
