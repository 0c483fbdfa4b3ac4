"""The few pieces of HTML that the page is made of. Whatever text comes in is escaped here, and only here."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_SIGNS = {"passed": "✓", "failed": "✗", "idle": "○"}


@dataclass(frozen=True)
class Html:
    """Text that is HTML already."""

    text: str


Content = str | Html


def html(content: Content) -> str:
    """Return content as HTML; what is not HTML already is escaped."""
    return content.text if isinstance(content, Html) else escape(content)


def element(name: str, *contents: Content, **attributes: str) -> Html:
    """Return an element; `class_` is its class."""
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{written}>{''.join(map(html, contents))}</{name}>")


def join(*contents: Content) -> Html:
    """Return contents one after the other."""
    return Html("\n".join(map(html, contents)))


def sign(kind: str) -> Html:
    """Return the sign of a state, for the eye only: words stand beside it."""
    return element("span", _SIGNS[kind], aria_hidden="true")


def badge(kind: str, text: str) -> Html:
    """Return a state: by its words, its sign and its colour."""
    return element("span", sign(kind), f" {text}", class_=f"state {kind}")


def image(source: str, text: str) -> Html:
    """Return a picture with the text that stands for it."""
    return Html(f'<img src="{escape(source)}" alt="{escape(text)}" loading="lazy">')


def share(part: float) -> Html:
    """Return a bar that shows a part of 1; the number stands beside it."""
    width = f"width:{100 * min(max(part, 0), 1):.1f}%"
    return element("div", element("i", style=width), class_="share", aria_hidden="true")


def table(caption: str, header: Sequence[str], rows: Sequence[Sequence[Content]], numbers: Sequence[int] = ()) -> Html:
    """Return a table; the columns in `numbers` are aligned to the right. Its caption is for those who do not see it."""

    def cell(kind: str, column: int, content: Content, **more: str) -> Html:
        return element(kind, content, **({"class_": "number"} if column in numbers else {}), **more)

    head = element("tr", *(cell("th", column, text, scope="col") for column, text in enumerate(header)))
    body = [
        element(
            "tr",
            cell("th", 0, row[0], scope="row"),
            *(cell("td", column + 1, each) for column, each in enumerate(row[1:])),
        )
        for row in rows
    ]
    found = element("table", element("thead", head), element("tbody", *body), aria_label=caption)
    return element("div", found, class_="wide", tabindex="0", role="region", aria_label=caption)
