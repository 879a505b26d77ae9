"""The packages of the wheel. Everything else about the project is in pyproject.toml.

The templates are beside the packages; a wheel has them inside one, as a folder without code.
"""

from setuptools import find_packages, setup

CODE = ["papers", "papers.*", "readinggroup", "readinggroup.*"]
TEMPLATES = "readinggroup.templates"

setup(
    packages=[*find_packages(include=CODE), TEMPLATES],
    package_dir={TEMPLATES: "templates"},
)
