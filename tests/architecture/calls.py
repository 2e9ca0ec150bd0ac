"""Which function of ours refers to which: a graph of names, read from the source without running it.

A reference counts as a call, because handlers hand functions on (`bridge.call(self, service)`). What is looked up at
run time only (a method of a value whose class is not named) is not seen.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.architecture.sources import Source, sources

Graph = dict[str, set[str]]
"""`package.module:name`, or `package.module:Class.method`, to what it refers to. A class refers to its methods."""


@dataclass(slots=True)
class _Module:
    name: str
    tree: ast.Module
    imports: dict[str, str] = field(default_factory=dict)
    """Local name to `package.module` or `package.module:name`."""
    defined: set[str] = field(default_factory=set)


def graph() -> Graph:
    modules = {module.name: module for module in map(_module, sources())}
    for module in modules.values():
        _read_imports(module, modules)
    found: Graph = defaultdict(set)
    for module in modules.values():
        for name, node in _definitions(module.tree):
            found[f"{module.name}:{name}"] |= set(_references(module, name, node, modules))
    return found


def reached(calls: Graph, start: str, *, not_through: Iterable[str]) -> set[str]:
    """Everything that `start` may come to without going through one of `not_through`."""
    stops, seen, waiting = set(not_through), set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name not in seen and name not in stops:
            seen.add(name)
            waiting.extend(calls.get(name, ()))
    return seen


def decorated(prefix: str, decorator: str) -> Iterator[str]:
    """Functions and methods in files below `prefix` that have a decorator like this expression."""
    for source in sources():
        if source.path.startswith(prefix):
            module = _module(source)
            for name, node in _definitions(module.tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
                    re.match(decorator, ast.unparse(each)) for each in node.decorator_list
                ):
                    yield f"{module.name}:{name}"


def _module(source: Source) -> _Module:
    name = source.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    module = _Module(name, source.tree)
    module.defined = {name for name, _ in _definitions(source.tree)}
    return module


def _read_imports(module: _Module, modules: dict[str, _Module]) -> None:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                target = whole if whole in modules else f"{node.module}:{alias.name}"
                module.imports[alias.asname or alias.name] = target


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Functions, classes with their methods, and module-level values (tables of functions)."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield node.name, node
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{node.name}.{inner.name}", inner
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield target.id, node


def _references(module: _Module, name: str, node: ast.AST, modules: dict[str, _Module]) -> Iterator[str]:
    owner = name.partition(".")[0]
    if isinstance(node, ast.ClassDef):
        yield from (f"{module.name}:{each}" for each in module.defined if each.startswith(f"{name}."))
    for inner in _without_annotations(node):
        if isinstance(inner, ast.Name):
            if inner.id in module.imports:
                yield _origin(module.imports[inner.id], modules)
            elif inner.id in module.defined and inner.id != name:
                yield f"{module.name}:{inner.id}"
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            target = module.imports.get(inner.value.id, "")
            if target in modules:
                yield _origin(f"{target}:{inner.attr}", modules)
            elif inner.value.id in {"self", "cls"}:
                yield f"{module.name}:{owner}.{inner.attr}"


def _without_annotations(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when it is called: not the types, nor the dependencies that stand among them."""
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        yield inner
        if isinstance(inner, ast.arguments):
            waiting.extend([*inner.defaults, *(default for default in inner.kw_defaults if default)])
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend([*inner.body, inner.args])
        elif isinstance(inner, ast.AnnAssign):
            waiting.extend([inner.value] if inner.value else [])
        else:
            waiting.extend(ast.iter_child_nodes(inner))


def _origin(target: str, modules: dict[str, _Module]) -> str:
    """Where a name comes from that a package only passes on."""
    module_name, _, name = target.partition(":")
    module = modules.get(module_name)
    if module is None or not name or name in module.defined or name not in module.imports:
        return target
    return _origin(module.imports[name], modules)
