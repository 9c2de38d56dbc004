"""One name per act: view, endpoint, page and service."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings import ROOT
from portal.web.blueprint import Blueprint

SEVERAL = {
    "autosave": "keeps a draft, and opens one where there is none",
    "save_for_later": "keeps a draft and mails its link",
    "spread_payment": "one payment over several invoices",
    "edit_offices": "a list, with a form to add to it",
    "edit_departments": "a list, with a form to add to it",
    "edit_grades": "a list, with a form to add to it",
    "edit_questions": "a list, with a form to add to it",
    "edit_checklist": "a list, with a form to add to it",
    "edit_documents": "a list, with a form to add to it",
    "set_up_second_factor": "begins and confirms",
    "give_code": "counts the try, and lets in",
    "sign_out": "everybody's word for ending one's own sign-in",
    "forgotten": "counts the try, and asks for the link",
    "open_link": "shows the link's page, and sets the password",
    "download_export": "notes that it was taken, and gives the bytes",
    "tag_enterprise": "one of what tag_enterprises does with many",
    "untag_enterprise": "one of what untag_enterprises does with many",
}
"""Views that are no single act, and why."""
ON_ANOTHER_PAGE = {"record_refund_paid": "its form stands on the refund's page"}


def _views() -> Iterator[tuple[Path, ast.Module, ast.FunctionDef]]:
    for path in (ROOT / "portal").rglob("*.py"):
        if "views" in path.parts or path.name == "views.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in tree.body:
                routes = [
                    d
                    for d in getattr(node, "decorator_list", ())
                    if isinstance(d, ast.Call) and getattr(d.func, "attr", "") == "route"
                ]
                if isinstance(node, ast.FunctionDef) and any(
                    "POST" in ast.unparse(route) for route in routes
                ):
                    yield path, tree, node


def _service_modules(tree: ast.Module) -> set[str]:
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]
    found = {
        alias.asname or alias.name
        for node in imports
        if str(node.module).endswith(".services")
        for alias in node.names
    }
    return found | {
        alias.asname or alias.name
        for node in imports
        for alias in node.names
        if alias.name == "services"
    }


def test_an_act_has_one_name_from_its_address_to_its_service() -> None:
    for path, tree, view in _views():
        modules = _service_modules(tree)
        calls = [
            node.func
            for node in ast.walk(view)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        ]
        acts = {
            call.attr
            for call in calls
            if isinstance(call.value, ast.Name) and call.value.id in modules
        }
        pages = {
            page.split("/")[-1]
            for page in re.findall(r"render_template\('([\w/]+)\.html'", ast.unparse(view))
        }
        if view.name not in SEVERAL:
            assert not acts or view.name in acts, (path, view.name, acts)
            assert not pages or view.name in pages or view.name in ON_ANOTHER_PAGE, (
                path,
                view.name,
                pages,
            )


def test_services_are_called_by_their_module() -> None:
    for path in (ROOT / "portal").rglob("*.py"):
        if "views" in path.parts or path.name == "views.py":
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ImportFrom) and re.search(
                    r"\.services(\.|$)", node.module or ""
                ):
                    acts = [
                        alias.name
                        for alias in node.names
                        if _is_function(str(node.module), alias.name)
                    ]
                    assert not acts, (path, acts)


def _is_function(module: str, name: str) -> bool:
    path = ROOT / Path(*module.split(".")).with_suffix(".py")
    return (
        path.exists()
        and re.search(rf"^def {name}\(", path.read_text(encoding="utf-8"), re.M) is not None
    )


def test_no_variable_has_the_name_of_an_act_beside_it() -> None:
    """A view that is renamed by hand takes its variables with it.

    `record_objection` was one objection.
    """
    for path in (ROOT / "portal").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for function in functions.values():
            stored = {
                node.id
                for node in ast.walk(function)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            assert not stored & functions.keys(), (path, function.name, stored & functions.keys())


def test_a_route_of_another_name_fails_at_import() -> None:
    pages = Blueprint("pages", __name__)
    with pytest.raises(TypeError, match="one name"):

        @pages.route("/x", permit=lambda _: True, endpoint="y")
        def x() -> str:
            return ""
