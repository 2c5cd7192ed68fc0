"""What the design says of modules: who may import whom, who may print, and that importing does nothing."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import pipeline

ROOT = Path(pipeline.__file__).parent
MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
GROUND = {"pipeline.records", "pipeline.errors", "pipeline.languages", "pipeline.places", "pipeline.hashes"}


def imported(path: Path) -> set[str]:
    """Return the project's modules that a file imports anywhere, functions included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found & MODULES.keys()


IMPORTS = {name: imported(path) - {name, "pipeline"} for name, path in MODULES.items()}


def test_no_module_imports_itself_by_a_detour() -> None:
    """The arrows between modules have an order."""
    list(TopologicalSorter(IMPORTS).static_order())


@pytest.mark.parametrize("name", sorted(GROUND))
def test_the_ground_stands_on_nothing_else(name: str) -> None:
    """Records and errors import only one another."""
    assert IMPORTS[name] <= GROUND


def test_only_the_command_imports_the_flow() -> None:
    """`run` is imported by what runs it, and `cli` by nobody."""
    users = {name for name, used in IMPORTS.items() if "pipeline.run" in used}
    assert users <= {"pipeline.job", "pipeline.batch"}
    assert {name for name, used in IMPORTS.items() if "pipeline.cli" in used} == {"pipeline.__main__"}


@pytest.mark.parametrize("name", sorted(MODULES.keys() - {"pipeline.cli", "pipeline.__main__"}))
def test_only_the_command_prints_or_exits(name: str) -> None:
    """Everything else returns values, raises, or calls what it was given to talk with."""
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not calls & {"print", "exit", "quit", "sys.exit", "os._exit", "typer.echo"}


def test_importing_loads_no_model_library() -> None:
    """The command answers `--help` without torch, transformers or ctranslate2's converters."""
    heavy = {"torch", "transformers", "ray", "faiss"}
    code = f"import sys, pipeline.cli; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
