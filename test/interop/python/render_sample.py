"""Renders one of the sample plugins that `cpex` brings, as cookiecutter does: names of files and what is in them."""

import sys
from pathlib import Path

import cpex
from jinja2 import Environment, StrictUndefined

kind, slug, folder = sys.argv[1:]
answers = {
    "plugin_name": "Guard",
    "plugin_slug": slug,
    "version": "0.1.0",
    "author": "Ada",
    "email": "ada@example.com",
    "description": "A filter plugin",
}
environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)


def render(text):
    return environment.from_string(text).render(cookiecutter=answers)


template = Path(cpex.__file__).parent / "templates" / kind
for file in template.glob("{{cookiecutter.plugin_slug}}/**/*"):
    if file.is_file() and file.suffix != ".pyc":
        rendered = Path(folder) / render(str(file.relative_to(template)))
        rendered.parent.mkdir(parents=True, exist_ok=True)
        rendered.write_text(render(file.read_text()))
