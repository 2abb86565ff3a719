from django.utils.safestring import mark_safe


def qr_svg(address: str) -> str:
    """An address as a picture in a page; the style sheet gives its size."""
    import segno

    drawing = segno.make_qr(address, error="m").svg_inline(
        omitsize=True, light="#fff", dark="#000", border=4, svgclass="qr", lineclass=None
    )
    return mark_safe(drawing)  # noqa: S308 - drawn here, from an address of ours  # nosec B308
