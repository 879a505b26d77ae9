"""The house as CONTRIBUTING.md draws it: imports go one way, and the reader stands alone."""

import ast
import sys
from pathlib import Path

import pytest

APP = Path(__file__).parents[1] / "papers"

# Each room, and the rooms of the app it may know.
ROOMS = {
    "listing": set(),
    "models": {"listing"},
    "search": {"models"},
    "access": {"models"},
    "facets": {"filters", "models", "search"},
    "pagination": {"models"},
    "filters": {"models", "reading", "search"},
    "cached": {"facets", "filters", "ranking", "search"},
    "needs": {"cached", "filters", "models", "reading", "services", "times"},
    "tallies": {"models", "reading"},
    "exports": {"models", "filters", "ranking", "rendering", "search"},
    "discussion_filters": {"filters", "models", "times"},
    "archive": {"exports", "models", "rendering", "times"},
    "months": {"models", "times"},
    "rendering": set(),
    "events": set(),
    "vault": set(),
    "mail": {"models", "vault"},
    "times": {"models"},
    "grids": {"models", "ranking", "times"},
    "turns": {"models", "times"},
    "timetable": set(),
    "readiness": {"models"},
    "questions": {"models", "rendering"},
    "calendars": {"models", "times"},
    "atom": {"calendars", "models", "times"},
    "services": {
        "events",
        "listing",
        "mail",
        "models",
        "rendering",
        "search",
        "timetable",
        "times",
    },
    "digests": {"mail", "models", "services"},
    "clock": {"digests", "mail", "models", "services"},
    "my_data": {"models"},
    "accounts": {"events", "mail", "models", "services", "vault"},
    "ranking": {"models"},
    "reading": {"models"},
    "threads": {"access", "models", "reading", "rendering"},
    "forms": {"listing", "models", "services", "times"},
    "middleware": {"accounts", "events", "models"},
    "checks": set(),
}
EVERYTHING_ABOVE = {"views", "admin", "management"}


def imported(file):
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            near = ".".join(["papers", *file.relative_to(APP).parts[: -node.level]])
            module = f"{near}.{node.module or ''}" if node.level else node.module
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def files(room):
    folder = APP / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [APP / f"{room}.py"]


def rooms_of_the_app():
    names = {path.stem for path in APP.iterdir() if path.suffix == ".py" or path.is_dir()}
    return {name for name in names if name in ROOMS}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_imports_go_one_way(room):
    known = rooms_of_the_app() | EVERYTHING_ABOVE
    used = {
        part
        for file in files(room)
        for name in imported(file)
        if name.startswith("papers.") and (part := name.split(".")[1]) in known
    }
    assert used - {room} <= ROOMS[room]


def test_the_reader_needs_the_standard_library_alone():
    for file in files("listing"):
        if file.stem in {"train", "title_fitting", "title_examples"}:  # they learn, with numpy
            continue
        outside = {name.split(".")[0] for name in imported(file)} - sys.stdlib_module_names
        assert outside <= {"papers"}, file


def test_no_file_is_named_for_nothing():
    assert not list(APP.rglob("utils.py"))
    assert not list(APP.rglob("helpers.py"))


@pytest.mark.parametrize("file", sorted(APP.rglob("*.py")), ids=lambda file: str(file.name))
def test_modules_and_functions_are_short(file):
    if "migrations" in file.parts:
        return
    assert len(file.read_text().splitlines()) <= 300
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 45, node.name
