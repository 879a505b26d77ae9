"""The generator of `docs/map.md`, which lists every module with the first line of its docstring.

``make map`` runs it; a test compares the result with the modules.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "map.md"
INTRODUCTION = """# Map of the house

Every module, room by room, with the first line of its docstring. `make map` writes this page.
"""


def module_files() -> list[Path]:
    """The modules of the project and the app, in the order of the map, without migrations."""
    files = [path for room in ("readinggroup", "papers") for path in (ROOT / room).rglob("*.py")]
    files = [path for path in files if "migrations" not in path.parts]
    return sorted(files, key=lambda path: (path.parent, path.name))


def summary_of(path: Path) -> str:
    """The first line of the docstring of a module; "" if it has none."""
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return docstring.partition("\n")[0]


def house_map() -> str:
    """The page as Markdown. The docstring of a package introduces its room."""
    lines, room = [INTRODUCTION], None
    for path in module_files():
        if path.parent != room:
            room = path.parent
            introduction = summary_of(room / "__init__.py")
            lines.append(f"\n## `{room.relative_to(ROOT)}/`\n")
            lines += [f"{introduction}\n"] if introduction else []
        if path.name != "__init__.py":
            lines.append(f"- `{path.name}`: {summary_of(path)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(house_map())
