"""``make walk``: a browser walks the core ways of the app, as organiser and as member.

It walks on a fresh demo, and each step leaves a picture in var/walk/. It stops at the first error
message in a page, answer of 4xx or 5xx, or error in the console. A page wider than its window is
reported, and fails the walk at its end.
"""

import argparse
import shutil
import sys
import time
from itertools import chain

from playwright.sync_api import Error, expect, sync_playwright

from tests.walk.demo import ROOT, fresh_demo
from tests.walk.walker import PATIENCE, Stop, Walker
from tests.walk.ways import WAYS

PICTURES = ROOT / "var" / "walk"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FLAGS += ["--disable-quic"]
THEMES = {1280: "light", 390: "dark"}  # the widths to walk at, and the theme of each


def main():
    given = _parse_arguments()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit("The walk needs Chromium, which is not installed.")
    began = time.monotonic()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        overflows = [
            _walk(browser, width, given.theme or THEMES.get(width, "light"), not given.no_js)
            for width in given.width or THEMES
        ]
    print(f"Walked in {time.monotonic() - began:.0f} s; the pictures are in {PICTURES}.")
    if any(overflows):
        sys.exit("\n".join(["FAILED: pages that are wider than their window:", *chain(*overflows)]))


def _parse_arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.walk", description=__doc__)
    parser.add_argument("--width", type=int, action="append", help="pixels; may be repeated")
    parser.add_argument("--theme", choices=["light", "dark"], help="for each width")
    parser.add_argument("--no-js", action="store_true", help="with JavaScript off")
    return parser.parse_args()


def _walk(browser, width, theme, javascript):
    """Walk every way on a demo of its own; returns a line for each page that was too wide.

    Exits with the reason where the walk stops.
    """
    name = f"{width}-{theme}{'' if javascript else '-no-js'}"
    folder = PICTURES / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(f"{name}:", flush=True)
    with fresh_demo(folder / "server.log") as url:
        walker = Walker(browser, url, folder, width=width, theme=theme, javascript=javascript)
        for way in WAYS:
            try:
                way(walker)
            except (Stop, Error, AssertionError) as error:
                sys.exit(_describe_stop(error, walker, way, name))
        walker.close_browsers()
    return [f"  {name}, {line}" for line in walker.overflows]


def _describe_stop(error, walker, way, name):
    """Where and why the walk stopped. If no page shows it, every open page leaves a picture."""
    reason = str(error)
    if not isinstance(error, Stop):
        pages = enumerate(walker.open_pages(), start=1)
        pictures = [f"picture: {walker.save_picture(page, f'stopped {n}')}" for n, page in pages]
        reason = "\n".join([*walker.complaints, *reason.strip().splitlines()[:6], *pictures])
    where = f"STOPPED in “{way.__doc__.splitlines()[0].rstrip('.')}”, after step {walker.steps:02}"
    reason = "\n".join(f"  {line}" for line in reason.splitlines())
    return f"{where} of {name}:\n{reason}\n  the server's log: {walker.folder / 'server.log'}"


if __name__ == "__main__":
    main()
