"""The wheel: what is in it, and that an empty folder is enough to run what it installs."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from django.conf import settings

pytestmark = pytest.mark.slow

SOURCES = ["papers", "readinggroup", "templates"]
FILES = ["LICENSE", "README.md", "pyproject.toml", "setup.py"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy: setuptools leaves files in the folder that it builds from."""
    checkout, built = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("built")
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(settings.BASE_DIR / name, checkout / name, ignore=ignored)
    for name in FILES:
        shutil.copy(settings.BASE_DIR / name, checkout)
    pip("wheel", "--no-build-isolation", "--wheel-dir", built, checkout)
    (wheel,) = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory):
    """A folder into which the wheel alone is installed."""
    site = tmp_path_factory.mktemp("site")
    pip("install", "--target", site, wheel)
    return site


@pytest.fixture
def reading_group(site, tmp_path, monkeypatch):
    """A function that runs the installed command in an empty folder, and returns its output."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(site)}
    monkeypatch.chdir(tmp_path)

    def reading_group(*arguments):
        command = [site / "bin" / "reading-group", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return reading_group


def pip(command, *arguments):
    options = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    subprocess.run([sys.executable, "-m", "pip", command, *options, *arguments], check=True)


def test_every_file_of_the_app_is_in_it_and_nothing_else(wheel):
    files = {
        str(file.relative_to(settings.BASE_DIR))
        for name in SOURCES
        for file in (settings.BASE_DIR / name).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    expected = {name.replace("templates/", "readinggroup/templates/", 1) for name in files}

    names = zipfile.ZipFile(wheel).namelist()

    assert {name for name in names if ".dist-info/" not in name} == expected


def test_the_demo_is_made_and_served_from_an_empty_folder(reading_group, site, tmp_path):
    (tmp_path / ".env").write_text("DEBUG=1\n")

    demo = reading_group("demo", "--no-serve")
    page = reading_group(
        *["shell", "--no-imports", "--command"],
        "from django.test import Client; print(Client().get('/accounts/login/').text)",
    )
    static = reading_group("collectstatic", "--no-input")

    assert "Reading Group is at http://127.0.0.1:8000/" in demo.stdout, demo.stderr
    assert "<h1" in page.stdout, page.stderr
    assert "static files copied" in static.stdout, static.stderr
    assert (tmp_path / "staticfiles" / "papers" / "css" / "base.css").exists()
    assert (tmp_path / "var" / "readinggroup.sqlite3").exists()
    assert not list(site.rglob("*.sqlite3"))


def test_a_listing_is_read_from_an_empty_folder(reading_group, site, tmp_path):
    (tmp_path / ".env").write_text("DEBUG=1\n")
    listing = site / "papers" / "sample" / "listing.txt"

    done = reading_group("import_listing", listing, "--captured-on", "2025-11-26", "--dry-run")

    assert "16 entries, 0 problems." in done.stdout, done.stderr


def test_a_folder_that_cannot_hold_the_database_is_named_in_one_sentence(reading_group, tmp_path):
    (tmp_path / ".env").write_text("DEBUG=1\n")
    (tmp_path / "var").symlink_to(tmp_path / "nowhere")

    done = reading_group("check")

    assert done.returncode == 1
    (sentence,) = done.stderr.strip().splitlines()
    assert sentence.startswith("DATABASE_URL is not set")
