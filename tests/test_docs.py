"""The pages lead to one another, and to tools that exist."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "recordings" / "README.md", *(ROOT / "docs").rglob("*.md")]


def links(page: Path) -> set[Path]:
    found = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    return {(page.parent / link).resolve() for link in found if "://" not in link}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_links_to_and_runs_is_there(page: Path) -> None:
    assert [str(link) for link in links(page) if not link.exists()] == []
    tools = set(re.findall(r"python -m (tools(?:\.\w+)+)", page.read_text(encoding="utf-8")))
    assert [tool for tool in tools if find_spec(tool) is None] == []


def test_every_page_is_found_from_the_readme() -> None:
    reached, open_pages = set[Path](), {ROOT / "README.md"}
    while open_pages:
        page = open_pages.pop()
        reached.add(page)
        open_pages |= {link for link in links(page) if link.suffix == ".md" and link.is_file()} - reached
    pages = {page.resolve() for page in (ROOT / "docs").glob("*.md")}
    assert sorted(str(page.relative_to(ROOT)) for page in pages - reached) == []
