"""A regime written as the changes it makes to another: ``extends: <regime>``.

The rule of inheritance, all of it:

* Mappings merge key by key, to any depth; a key the child gives wins.
* A number with its source, and what follows a breach (``if_missed``, ``if_deficient``), are replaced as
  wholes: half of an old rule never stays beneath a new one.  Lists are replaced as wholes too.
* ``null`` takes the inherited entry out: a step, a recognised fault, a deadline, a section of the court
  (which then takes the registry's defaults).
* A new step goes behind the step it names in ``after``, else to the end; an inherited step that names one
  in ``after`` moves there.
* The source of a word of the court (``grounds``) goes when the child gives the word anew or takes it out:
  what a text says is never cited from the text it departs from.
* What identifies the text is never inherited: ``regime``, ``title``, ``source``, ``status``,
  ``status_note``, ``valid_from``, ``valid_to``, ``notes``.
"""

from __future__ import annotations

from typing import Any

from simulator.errors import nearest
from simulator.spec.problems import quoted
from simulator.spec.yaml import Document, Keys

OWN = frozenset(
    {"regime", "title", "source", "status", "status_note", "valid_from", "valid_to", "notes", "extends"}
)
"""Keys a regime states for itself."""
WHOLES = frozenset({"if_missed", "if_deficient"})
"""Mappings that are replaced rather than merged."""


def lay_over(base: Document, child: Document) -> Document:
    """The child's changes laid over its baseline, each entry keeping the file and line it came from."""
    merged = Document(child.path, problems=child.problems, spoilt=child.spoilt)
    inherited = {key: value for key, value in base.data.items() if key not in OWN}
    merged.marks = {keys: mark for keys, mark in base.marks.items() if keys and keys[0] not in OWN}
    merged.data = _merge(inherited, child.data, (), merged)
    merged.marks |= child.marks
    _unground(merged, base, child)
    _arrange(merged, base, child)
    return merged


def _unground(merged: Document, base: Document, child: Document) -> None:
    """Take out inherited sources of words of the court that the child gives anew or takes out."""
    own, stated = child.get("grounds"), merged.get("grounds")
    if not isinstance(stated, dict):
        return
    lost = set()
    for name in base.get("grounds") or {}:
        word = ("court", *str(name).split("."))
        kept = child.get(*word) is None and merged.get(*word) is not None
        if not kept and not (isinstance(own, dict) and name in own):
            lost.add(name)
            _forget(merged, ("grounds", name))
    if lost:
        merged.data["grounds"] = {name: ground for name, ground in stated.items() if name not in lost}


def _merge(old: dict[str, Any], new: dict[str, Any], keys: Keys, merged: Document) -> dict[str, Any]:
    result = dict(old)
    for key, value in new.items():
        here = (*keys, key)
        if key in old and value is None:
            del result[key]
            _forget(merged, here)
        elif isinstance(value, dict) and isinstance(old.get(key), dict) and not _whole(key, value):
            result[key] = _merge(old[key], value, here, merged)
        else:
            result[key] = value
            _forget(merged, here)
    return result


def _whole(key: str, value: dict[str, Any]) -> bool:
    return key in WHOLES or "value" in value


def _forget(merged: Document, keys: Keys) -> None:
    for mark in [mark for mark in merged.marks if mark[: len(keys)] == keys]:
        del merged.marks[mark]


def _arrange(merged: Document, base: Document, child: Document) -> None:
    """Put steps behind the one they name in ``after``, in the order of the file."""
    steps, known = merged.data.get("steps"), base.get("steps") or {}
    changes = child.get("steps")
    if not isinstance(steps, dict) or not isinstance(changes, dict):
        return
    for name, change in changes.items():
        at: Keys = ("steps", name)
        if change is None and name not in known:
            merged.data["steps"].pop(name, None)
            merged.problems.append(
                child.problem(at, f"the baseline has no step {name}", nearest(name, known))
            )
        target = change.get("after") if isinstance(change, dict) else None
        if not isinstance(target, str):
            continue
        steps[name] = {key: value for key, value in steps[name].items() if key != "after"}
        order = [step for step in steps if step != name]
        if target not in order:
            what = f"no step is called {quoted(target)}" if target != name else "a step behind itself"
            merged.problems.append(child.problem((*at, "after"), what, nearest(target, order)))
            continue
        order.insert(order.index(target) + 1, name)
        steps = merged.data["steps"] = {step: steps[step] for step in order}
