"""What PyYAML and Jinja2 make of scalars and templates.

Reads a JSON object with ``scalars`` and ``templates`` from standard input, and writes what each becomes. The
environment of the templates is the ``env`` of the object.
"""

import datetime
import json
import math
import sys

import jinja2
import yaml
from jinja2.sandbox import SandboxedEnvironment


def scalar(text):
    try:
        value = yaml.safe_load(f"v: {text}")["v"]
    except Exception:
        return {"refused": True}
    if isinstance(value, (datetime.date, datetime.datetime)):
        return {"date": True}
    if isinstance(value, float) and not math.isfinite(value):
        return {"refused": True}
    if isinstance(value, int) and not isinstance(value, bool) and (abs(value) > 1.7e308 or int(float(value)) != value):
        return {"refused": True}
    return {"value": value}


def template(text, env):
    # Without the escaping for HTML, which is one of the deliberate differences.
    environment = SandboxedEnvironment(loader=jinja2.BaseLoader(), autoescape=False)
    try:
        return {"text": environment.from_string(text).render(env=env)}
    except Exception as error:
        return {"refused": type(error).__name__}


asked = json.load(sys.stdin)
json.dump(
    {
        "scalars": [scalar(text) for text in asked["scalars"]],
        "templates": [template(text, asked["env"]) for text in asked["templates"]],
    },
    sys.stdout,
)
