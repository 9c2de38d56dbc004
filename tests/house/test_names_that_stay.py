"""What is stored or sent keeps its name for ever, wherever the code that makes it moves.

`names_that_stay.txt` is the list.

A name that is new is added to the list by hand; one that stands there is never taken off. Queues,
mails, audit events, papers and addresses made by any earlier version go on to be understood.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import portal.app
from portal.foundation.database import Base
from portal.foundation.labels import Labelled
from portal.jobs.news import News
from portal.jobs.registry import SCHEDULES, TASKS, Task
from portal.papers.issuing.models import PAPER_KINDS
from portal.settings import ROOT
from tests.cast import House

LIST = Path(__file__).with_name("names_that_stay.txt")


def _arguments(task: Task) -> list[str]:
    """What a job's `args` hold.

    The parameters of its parts, but for the session and what the slow part made.
    """
    reaction = hasattr(task.finish, "__wrapped__")
    names = set(list(inspect.signature(task.finish).parameters)[1 if reaction else 2 :])
    names |= set(list(inspect.signature(task.prepare).parameters)[1:]) if task.prepare else set()
    return sorted(name for name in names if not name.startswith("_"))


def _unique_keys() -> Iterator[str]:
    for path in (ROOT / "portal").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assigned = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "unique_key":
                value = (
                    assigned.get(node.value.id, node.value)
                    if isinstance(node.value, ast.Name)
                    else node.value
                )
                if isinstance(value, ast.JoinedStr):
                    yield "".join(
                        str(v.value) if isinstance(v, ast.Constant) else "{}" for v in value.values
                    )


def _acts() -> Iterator[str]:
    waiting: list[type] = [Labelled]
    while waiting:
        for found in waiting.pop().__subclasses__():
            waiting.append(found)
            if found.__name__.endswith("Action"):
                yield from (str(act.value) for act in found)


def _names(house: House) -> set[str]:
    names = {f"task {task.name}({', '.join(_arguments(task))})" for task in TASKS.values()}
    names |= {f"schedule {s.task}" for s in SCHEDULES}
    names |= {f"news {news.value}" for news in News}
    names |= {f"unique key {key}" for key in _unique_keys()}
    names |= {f"act {act}" for act in _acts()}
    names |= {f"subject {mapper.local_table.description}" for mapper in Base.registry.mappers}
    names |= {f"paper {kind}" for kind in PAPER_KINDS}
    letters = ROOT / "templates" / "emails"
    names |= {
        f"mail {path.relative_to(letters).with_suffix('')}" for path in letters.rglob("*.txt")
    }
    for rule in house.app.url_map.iter_rules():
        names |= {
            f"address {method} {rule.rule}"
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
    return names


def test_every_name_that_was_stored_or_sent_is_understood(house: House) -> None:
    assert portal.app
    listed = LIST.read_text(encoding="utf-8").splitlines()
    assert listed == sorted(set(listed))
    names = _names(house)
    assert sorted(set(listed) - names) == [], (
        "these names are gone, and something may still carry them"
    )
    assert sorted(names - set(listed)) == [], "these names are new: add them to the list"
