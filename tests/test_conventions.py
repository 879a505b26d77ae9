"""Conventions of the code: short modules, a map that is true, a reader that stands alone."""

import ast
import re
import sys
from pathlib import Path

import pytest
from django.apps import apps

from tests import house_map

ROOT = Path(__file__).parents[1]
APP = ROOT / "papers"


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


def test_views_set_no_attribute_that_no_model_declares():
    """A value for a page goes into a dataclass or the context, not onto a row of the database."""
    fields = {name for model in apps.get_models() for name in vars(model)}
    fields |= {field.name for model in apps.get_models() for field in model._meta.get_fields()}
    for file in [*files("views"), *files("home_todo")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                assert node.attr in fields, f"{file}:{node.lineno}: {ast.unparse(node)}"


def test_the_reader_needs_the_standard_library_alone():
    for file in files("listing"):
        if file.stem in {"train", "fitting", "examples"}:  # they learn, with numpy
            continue
        outside = {name.split(".")[0] for name in imported(file)} - sys.stdlib_module_names
        assert outside <= {"papers"}, file


def test_no_file_is_named_for_nothing():
    assert not list(APP.rglob("utils.py"))
    assert not list(APP.rglob("helpers.py"))


WRITES = {"save", "delete", "update", "create", "get_or_create", "update_or_create"}
WRITES |= {"bulk_create", "bulk_update"}


@pytest.mark.parametrize("room", ["library", "discussions"])
def test_queries_do_not_write(room):
    for file in files(room):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in WRITES, f"{file.name}:{node.lineno}"


@pytest.mark.parametrize("file", sorted(APP.rglob("*.py")), ids=lambda file: str(file.name))
def test_modules_and_functions_are_short(file):
    if "migrations" in file.parts:
        return
    assert len(file.read_text().splitlines()) <= 300
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 45, node.name


def test_the_map_names_every_module_as_it_describes_itself():
    assert house_map.FILE.read_text() == house_map.house_map(), "run `make map`"


@pytest.mark.parametrize("path", house_map.module_files(), ids=str)
def test_every_module_says_what_it_holds(path):
    if path.read_text().strip():
        assert house_map.summary_of(path)


@pytest.mark.parametrize("page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=str)
def test_pages_name_files_that_exist(page):
    """Every path in backticks, such as `papers/access.py` or `docs/adr/`, is in the tree."""
    named = re.findall(
        r"`((?:papers|readinggroup|templates|tests|docs)/[\w./-]*)`", page.read_text()
    )
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_migrations_are_named_by_their_intent():
    names = [path.stem for path in (APP / "migrations").glob("0*.py")]
    assert [name for name in names if not re.fullmatch(r"\d{4}_(?!auto)[a-z0-9_]{4,}", name)] == []
