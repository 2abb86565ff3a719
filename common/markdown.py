"""Text that staff write in Markdown, as safe HTML."""

from functools import cache
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

# No pictures: they would tell their server who reads. No attribute but a link's address.
_TAGS: Final = {
    "p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code",
    "em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def markdown(text: str) -> SafeString:
    """HTML of CommonMark with tables; what could run, and pictures, are left out."""
    import nh3

    html = nh3.clean(
        _renderer().render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return mark_safe(html)  # noqa: S308 - nh3 has cleaned it


@cache
def _renderer() -> Any:
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    renderer.core.ruler.push("headings_below_the_page", _lower_headings)
    return renderer


def _lower_headings(state: Any) -> None:
    # The page has its own h1.
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
