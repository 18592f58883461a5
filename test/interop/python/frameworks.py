"""The framework under test, whichever of the two packages has it."""

import importlib
import os

package = os.environ["GATECHART_FRAMEWORK"]


def part(name):
    return importlib.import_module(f"{package}.{name}")


framework = importlib.import_module(package)
errors = part("errors")
models = part("models")
http = part("hooks.http")
manager = part("manager")
policies = part("hooks.policies")
hooks = part("hooks.registry").get_hook_registry()
observability = part("observability")
