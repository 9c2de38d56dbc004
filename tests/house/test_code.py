"""The code keeps the house's rules: services, layers, names, and what a web process loads."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import portal
from portal.foundation.database import Base
from portal.money.invoices.services.hooks import MONEY_MOVED, TAKEN_BACK, TAKING_BACK
from portal.tenancy.guards import REFUSALS
from portal.tenancy.loose import LOOSE

ROOT = Path(__file__).resolve().parents[2]
STILL_LONG = Path(__file__).with_name("still_long.txt")
FILES = sorted((ROOT / "portal").rglob("*.py"))
LAYERS = {
    "models",
    "rules",
    "policies",
    "queries",
    "services",
    "forms",
    "views",
    "papers",
    "reactions",
}
BANNED = {"utils", "helpers", "common", "misc", "base", "manager"}


def _services() -> list[str]:
    names = [m.name for m in pkgutil.walk_packages(portal.__path__, "portal.")]
    return [n for n in names if ".services" in n]


@pytest.mark.parametrize("name", _services())
def test_every_service_that_acts_has_an_actor_and_says_what_it_does(name: str) -> None:
    """Whoever guards, audits or calls what acts is told by name and only so, and reads it.

    Who does none of it asks for nobody.
    """
    module = importlib.import_module(name)
    for label, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == name:
            body = ast.parse(textwrap.dedent(inspect.getsource(function)))
            actor = inspect.signature(function).parameters.get("actor")
            reads = any(
                isinstance(node, ast.Name) and node.id == "actor" for node in ast.walk(body)
            )
            acts = any(
                node.arg == "actor" for node in ast.walk(body) if isinstance(node, ast.keyword)
            )
            assert (actor is not None) is (reads or acts), label
            assert (
                actor is None
                or label.startswith("_")
                or actor.kind is inspect.Parameter.KEYWORD_ONLY
            ), label
            assert function.__doc__ or label.startswith("_"), label


def _layer(path: Path) -> str:
    """The layer of its room that a file belongs to.

    The first part of its path that is one's name.
    """
    parts = [part.removesuffix(".py") for part in path.relative_to(ROOT / "portal").parts[1:]]
    return next((part for part in parts if part in LAYERS), "")


def test_services_never_commit_and_rules_never_know_the_web() -> None:
    pure = {"models", "rules", "policies", "queries", "services"}
    for path in FILES:
        text = path.read_text()
        if _layer(path) in pure:
            assert not re.search(
                r"^(from|import) (flask|flask_login|wtforms|portal\.web)\b", text, re.M
            ), path
            assert ".commit()" not in text, path


ACROSS_REVISIONS = {ROOT / "portal" / "operations" / "digest.py"}
"""Reads a schema as its owner at whatever revision it stands: no mapped class knows that."""


def test_text_and_core_tables_stay_in_tenancy() -> None:
    for path in FILES:
        if (
            "tenancy" in path.parts
            or path.name == "models.py"
            or path.parent.name == "models"
            or path in ACROSS_REVISIONS
        ):
            continue
        text = path.read_text()
        assert not re.search(
            r"\bsa\.(text|literal_column|table)\(|__table__|make_transient|get_bind|\.bulk_", text
        ), path


def test_the_plan_is_what_import_linter_keeps() -> None:
    plan = (ROOT / "docs" / "architecture.md").read_text()
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    for contract in contracts:
        line = " > ".join(re.sub(r"[()]", "", layer) for layer in contract["layers"])
        assert f" {line}\n" in plan, contract["name"]


def test_the_present_day_is_asked_for_in_one_way() -> None:
    """`today_of(session)` below, `present_day()` in views, which have the settings at hand."""
    asked = {
        path.name
        for path in FILES
        if re.search(
            r"day_in\([\w.()]*now\(\), (settings_of|chamber_settings|present_settings)\(",
            path.read_text(),
        )
    }
    assert asked == {"chambers.py", "request.py"}


def test_services_refuse_in_the_words_of_a_policy() -> None:
    """`guard(policy, …)`; by hand only where whose a thing is decides, which no policy knows."""
    by_hand = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if "raise NotPermitted(" in path.read_text()
    }
    assert by_hand == {
        "portal/tenancy/guards.py",
        "portal/web/blueprint.py",
        "portal/roll/services.py",
    }
    guarded = {name for path in FILES for name in re.findall(r"\bguard\((\w+),", path.read_text())}
    assert guarded - {policy.__name__ for policy in REFUSALS} == set()


def test_no_exception_is_made_once_and_raised_often() -> None:
    """Each raise of one instance adds its frames to those before: they are kept for ever."""
    for info in pkgutil.walk_packages(portal.__path__, "portal."):
        kept = [
            name
            for name, value in vars(importlib.import_module(info.name)).items()
            if isinstance(value, BaseException)
        ]
        assert not kept, (info.name, kept)


def _too_long() -> Iterator[str]:
    """Each file and each function past its limit, by its name."""
    limits = [(FILES, 300), ((ROOT / "tests").rglob("*.py"), 400)]
    for paths, most in [*limits, ((ROOT / "templates").rglob("*.html"), 120)]:
        for path in paths:
            if len(path.read_text(encoding="utf-8").splitlines()) > most:
                yield str(path.relative_to(ROOT))
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            long = isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 40
            if isinstance(node, ast.FunctionDef) and long:
                yield f"{path.relative_to(ROOT)} {node.name}"


def test_files_and_functions_stay_short() -> None:
    """Those that were packed into wider lines once, and wait to be split, stand in a list."""
    listed = STILL_LONG.read_text(encoding="utf-8").splitlines()
    assert sorted(_too_long()) == listed
    assert not [path for path in FILES if path.stem in BANNED]


def test_time_comes_from_the_clock() -> None:
    for path in FILES:
        if path.name != "clock.py":
            assert not re.search(
                r"\b(datetime\.now|utcnow|date\.today|time\.time)\(", path.read_text()
            ), path
            assert "demo" in path.parts or "datetime.combine(" not in path.read_text(), (
                f"{path}: a chamber's day begins at start_of"
            )


def test_a_web_process_never_loads_weasyprint() -> None:
    code = "import sys, portal.operations.web_server; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_readme_names_its_two_commands_and_every_setting_is_listed() -> None:
    readme, settings = (ROOT / "README.md").read_text(), (ROOT / "docs" / "settings.md").read_text()
    assert "make demo" in readme
    assert "make test" in readme
    for name in set(re.findall(r"PORTAL_[A-Z_]+", (ROOT / "portal" / "settings.py").read_text())):
        assert name in settings, name


def test_what_dues_adds_to_an_invoices_acts_is_registered() -> None:
    """Certificates follow money, and a charge is not taken back under its supplement.

    Without their hooks nothing would say so.
    """
    importlib.import_module("portal.app")
    assert [follow.__qualname__ for follow in MONEY_MOVED] == ["follow_money"]
    assert [check.__qualname__ for check in TAKING_BACK] == ["check_supplements"]
    assert [follow.__qualname__ for follow in TAKEN_BACK] == ["free_charge"]


def test_every_loose_reference_is_known() -> None:
    """A column `x_type` beside `x_id` refers to a row of any table.

    `portal verify` follows it only where the model says so.
    """
    importlib.import_module("portal.features")
    found = {
        (mapper.class_, f"{name[:-5]}_type", f"{name[:-5]}_id")
        for mapper in Base.registry.mappers
        for name in (column.key for column in mapper.columns)
        if name.endswith("_type") and f"{name[:-5]}_id" in mapper.columns
    }
    assert found == set(LOOSE)


def test_every_feature_stands_in_the_list() -> None:
    """What has tasks, reactions or pages of its own is imported by portal/features.py."""
    text = (ROOT / "portal" / "features.py").read_text()
    for path in [*FILES, *(ROOT / "portal").rglob("views")]:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if path.name in {"reactions.py", "views.py", "views"}:
            assert f"import {module}\n" in text or f"from {module} import" in text, module
