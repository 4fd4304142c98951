"""The one door to the compiler.

A rule marked ``@compiled`` runs as machine code; with ``FRANDSIM_COMPILER=off`` it stays the plain
Python function it is written as, so that a debugger or a coverage tool walks through it.  Results
are the same either way, except that plain Python raises ``ZeroDivisionError`` where machine code
follows IEEE 754: rules guard their divisions.

Machine code is kept on disk, in a folder named after the content of every kernel source and the
versions of the tools, because numba alone would not notice an edited helper in another file.
"""

from __future__ import annotations

import atexit
import inspect
import os
import pickle
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

LINE = 64  # bytes that a processor brings near at once
SEAL = 16  # bytes of the digest at the end of a file of machine code
KEPT = 3  # folders of machine code that stay on disk: this one and the two used before it


def is_on() -> bool:
    """Whether rules are compiled: unless the environment says ``FRANDSIM_COMPILER=off``."""
    return os.environ.get("FRANDSIM_COMPILER", "on").lower() != "off"


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a rule or a kernel for compilation on its first call.

    The function takes and returns scalars, takes numpy arrays and records to write into, makes none of
    its own (nothing counts references to them), and calls only ``math`` and other compiled functions.
    It releases the interpreter lock, so threads run it side by side.

    >>> @compiled
    ... def midpoint(bid: float, ask: float) -> float:
    ...     return (bid + ask) / 2
    >>> midpoint(0.01, 0.03)
    0.02
    """
    return _compiled(function, inline=False) if is_on() else function


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as ``compiled``, as part of each function that calls it.

    For what takes the whole market, where a call would hand over every array of it, and for what every
    month of talks runs through.
    """
    return _compiled(function, inline=True) if is_on() else function


def spliced(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function whose source becomes part of each compiled function that calls it.

    For what gathers records in one bundle: compiled code can hand records down, not back.  From Python, call
    it ``as_written``.
    """
    return _compiled(function, inline=False, splice=True) if is_on() else function


def as_written(function: Callable[P, R]) -> Callable[P, R]:
    """The plain Python function that was marked."""
    return cast("Callable[P, R]", getattr(function, "py_func", function))


def fetching() -> Callable[[Any, int], None]:
    """What asks the processor to bring the first bytes of a record near; nothing waits for it.

    For records that are visited one after the other, a few before their turn: where a cache does not hold
    all of them, each would be waited for.  How many bytes is a constant.  In plain Python nothing is done.
    """
    if not is_on():
        return lambda *_: None
    from llvmlite import ir
    from numba.core.types import void
    from numba.extending import intrinsic

    byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)

    def asked(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        ask = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        start, last = builder.bitcast(arguments[0], byte), signature.args[1].literal_value - 1
        for offset in (*range(0, last, LINE), last):  # a record may begin anywhere in a line
            place = builder.gep(start, [number(offset)])
            builder.call(ask, [place, number(0), number(2), number(1)])  # to read, second cache, data
        return context.get_dummy_value()

    @intrinsic(prefer_literal=True)
    def fetch(_: Any, record: Any, size: Any) -> Any:
        return void(record, size), asked

    return cast("Callable[[Any, int], None]", fetch)


def left_out(kind: np.dtype, values: Mapping[str, float]) -> None:
    """Fields that records of a kind come without: compiled code takes each for its value here, a constant.

    What hangs on it is decided when the machine code is made.  Records of other kinds are read as ever;
    integers are taken for 64 bits.  Where the compiler is off, records come whole.
    """
    if not is_on():
        return
    import numba
    from numba.core.types import float64, int64
    from numba.core.typing.templates import AttributeTemplate
    from numba.extending import infer_getattr, lower_getattr

    record = numba.from_dtype(kind)
    known = {name: (int64 if isinstance(value, int) else float64, value) for name, value in values.items()}

    @infer_getattr
    class Rest(AttributeTemplate):
        key = record

        def generic_resolve(self, asked: Any, name: str) -> Any:  # type: ignore[override]
            return asked.typeof(name) if name in asked.fields else known[name][0]

    def constant(typed: Any, value: float) -> Callable[..., Any]:
        return lambda context, *_: context.get_constant(typed, value)

    for name, told in known.items():
        lower_getattr(record, name)(constant(*told))  # type: ignore[no-untyped-call]


def _compiled(function: Callable[P, R], *, inline: bool, splice: bool = False) -> Callable[P, R]:
    import numba

    options = {
        "nogil": True,
        "error_model": "numpy",
        "fastmath": False,
        "boundscheck": False,
        "no_cfunc_wrapper": True,
        "forceinline": inline,
        "inline": "always" if splice else "never",
        "_nrt": False,
    }
    kept = Path(inspect.getfile(function)).is_file()  # what is typed at a prompt cannot be kept
    whole, by_part = _compilers()
    with kept_apart():
        machine_code: Any = numba.njit(  # type: ignore[call-overload]
            function, cache=kept, pipeline_class=whole, **options
        )
    part = cast("Any", numba.njit(function, pipeline_class=by_part, **options))  # type: ignore[call-overload]
    _one_version_per_type(machine_code, part)
    return cast("Callable[P, R]", machine_code)


@contextmanager
def kept_apart() -> Iterator[None]:
    """What numba is told to keep meanwhile, by us or by a library, it keeps in our folder and mistrusts."""
    import numba
    from numba.core import caching

    config, files = cast("Any", numba.config), cast("Any", caching)
    theirs = config.CACHE_DIR, files.IndexDataCacheFile
    config.CACHE_DIR, files.IndexDataCacheFile = str(cache_folder()), _sealed()
    try:
        yield
    finally:
        config.CACHE_DIR, files.IndexDataCacheFile = theirs


@cache
def _sealed() -> Any:
    """A file of machine code as numba keeps it, with a digest at its end; without one it is compiled anew.

    numba reads back whatever it finds: a damaged file would end the run, or compute something else.  What
    cannot be written stays in memory.  The loop that numba makes around a library's array function fits one
    machine code of it alone, and is made anew each time: of two processes that compile at once, one's loop
    would be kept beside the other's function, and the linker would end every run from then on.
    """
    from numba.core import caching

    theirs: Any = caching.IndexDataCacheFile

    class Sealed(theirs):  # type: ignore[misc]  # numba has no types
        def _dump(self, what: Any) -> bytes:
            data: bytes = super()._dump(what)
            return data + blake2b(data, digest_size=SEAL).digest()

        def _checked(self, path: Path, read: Callable[..., Any], *name: str) -> Any:
            try:
                if _is_whole(path):
                    return read(*name)
            except FileNotFoundError:
                return None
            except Exception as error:  # whatever a damaged file makes numba raise
                reason = f" ({type(error).__name__})"
            else:
                reason = ""
            _tell(f"{path} is damaged{reason}: it is set aside and compiled anew")
            with suppress(OSError):
                path.replace(path.with_name(f"{path.name}.damaged"))
            return None

        def _load_index(self) -> Any:
            if self._fits_another():
                return {}
            return self._checked(Path(self._index_path), super()._load_index) or {}

        def _fits_another(self) -> bool:
            return Path(self._index_path).name.startswith("guf-")  # as numba calls it

        def _load_data(self, name: str) -> Any:
            return self._checked(Path(self._data_path(name)), super()._load_data, name)

        def save(self, key: Any, data: Any) -> None:
            if self._fits_another():
                return
            try:
                super().save(key, data)
            except OSError as error:
                folder = Path(self._index_path).parent
                _tell(f"{folder}: machine code cannot be kept ({error.strerror}); it stays in memory")

    return Sealed


def _is_whole(path: Path) -> bool:
    """Whether a file of machine code ends with the digest of the rest."""
    data = path.read_bytes()
    if path.suffix == ".nbi":  # numba's version comes before what is sealed
        data = data[len(_numba_version()) :] if data.startswith(_numba_version()) else b""
    return len(data) > SEAL and blake2b(data[:-SEAL], digest_size=SEAL).digest() == data[-SEAL:]


@cache
def _numba_version() -> bytes:
    """The version as numba writes it at the start of an index."""
    return pickle.dumps(version("numba"), protocol=-1)


@cache
def _tell(text: str) -> None:
    """Say something once on standard error."""
    print(f"frandsim: {text}", file=sys.stderr, flush=True)


class _Called(dict[Any, None]):
    """Libraries that a function is linked with, callers before what they call.

    The linker drops what nobody linked so far calls, so each has its place where it was named last.
    """

    def append(self, library: Any) -> None:
        self.pop(library, None)
        self[library] = None


@cache
def _libraries() -> tuple[Any, Any]:
    """What the code of a function and its parts is kept in: machine code of a whole, or a part as written.

    Nobody else calls the parts of a whole, and the optimiser is told so: it leaves out of each what none of
    its callers needs.
    """
    from numba.core.codegen import JITCodeLibrary

    library: Any = JITCodeLibrary

    class Part(library):  # type: ignore[misc]  # numba has no types
        def __init__(self, codegen: Any, name: str) -> None:
            super().__init__(codegen, name)
            self._linking_libraries = _Called()

        def finalize(self) -> None:
            self._finalized = True

        def defined(self) -> list[Any]:
            return [function for function in self._final_module.functions if not function.is_declaration]

    class Whole(Part):
        def finalize(self) -> None:
            self._called_by_python = {function.name for function in self.defined()}
            library.finalize(self)

        def _optimize_final_module(self) -> None:
            for function in self.defined():
                if function.name not in self._called_by_python:
                    function.linkage = "internal"
            super()._optimize_final_module()

    return Whole, Part


@cache
def _compilers() -> tuple[Any, Any]:
    """What makes machine code of what Python calls, and what makes parts of it.

    numba would optimise every function and turn it into machine code of its own before it becomes part of
    the next.  Only what Python calls needs that, once, with all its parts, whose code is handed on as it is
    written down: a third of the time, the same bits.
    """
    from numba.core.compiler import CompilerBase, DefaultPassBuilder, _LowerResult
    from numba.core.compiler_machinery import register_pass
    from numba.core.typed_passes import NativeLowering

    whole, part = _libraries()

    @register_pass(mutates_CFG=True, analysis_only=False)  # type: ignore[no-untyped-call]
    class WholeLowering(NativeLowering):
        """Writes a function down and makes machine code of it."""

        _name = "whole_lowering"

        def run_pass(self, state: Any) -> bool:
            state.library = whole(state.targetctx.codegen(), state.func_id.func_qualname)
            state.library.enable_object_caching()
            return bool(super().run_pass(state))  # type: ignore[no-untyped-call]

    @register_pass(mutates_CFG=True, analysis_only=False)  # type: ignore[no-untyped-call]
    class PartLowering(NativeLowering):
        """Writes a function down, and finishes there."""

        _name = "part_lowering"

        def run_pass(self, state: Any) -> bool:
            state.library = part(state.targetctx.codegen(), state.func_id.func_qualname)
            state.flags.no_compile = state.flags.no_cpython_wrapper = True
            super().run_pass(state)  # type: ignore[no-untyped-call]
            written = state["cr"]
            called: list[Any] = []
            key = called.append  # callers find it by a built-in function, and each list has one of its own
            parts = [state.library, *state.library._linking_libraries]  # noqa: SLF001
            state.targetctx.insert_user_function(key, written.fndesc, parts)
            state.reload_init.extend(state.library._reload_init)  # noqa: SLF001
            state["cr"] = _LowerResult(written.fndesc, written.call_helper, cfunc=key, env=written.env)
            return True

    def ending_with(lowering: type) -> Any:
        class Compiler(CompilerBase):
            """numba's way from a function to its code, but for the last step."""

            def define_pipelines(self) -> list[Any]:
                steps = DefaultPassBuilder.define_nopython_pipeline(self.state)  # type: ignore[no-untyped-call]
                steps.passes = [
                    (lowering if step is NativeLowering else step, why) for step, why in steps.passes
                ]
                steps.finalize()
                return [steps]

        return Compiler

    return ending_with(WholeLowering), ending_with(PartLowering)


def _one_version_per_type(machine_code: Any, part: Any) -> None:
    """Compile one version for all integers: numba would make one for every constant and width it sees.

    What is compiled takes the ``part``.
    """
    from numba.core.types import Integer, Type, int64, unliteral

    def widened(argument: Type) -> Type:
        plain: Type = unliteral(argument)  # type: ignore[no-untyped-call]
        return int64 if isinstance(plain, Integer) and plain.signed else plain  # type: ignore[attr-defined]

    template = part.get_call_template

    def get_call_template(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return template(tuple(map(widened, args)), kws)

    machine_code.get_call_template = get_call_template
    machine_code.get_overload = part.get_overload


@cache
def announce() -> None:
    """Say on standard error, once, when kernels are compiled from now on, if any are.

    The engine calls this before its first kernel: the first run on a machine takes longer than the
    next ones, and silence would look like a hang.
    """
    if not is_on():
        return
    from numba.core import event

    class Compiling(event.Listener):
        told = False

        def on_start(self, event: Any) -> None:  # noqa: ARG002
            if not self.told:
                self.told = True
                print(
                    "Compiling the model for this machine (once; the next run starts at once) ...",
                    file=sys.stderr,
                    flush=True,
                )

        def on_end(self, event: Any) -> None:
            pass

    event.register("numba:compile", Compiling())  # type: ignore[no-untyped-call]


@cache
def cache_folder() -> Path:
    """The folder that holds the machine code of exactly these sources; made if absent.

    Under ``XDG_CACHE_HOME`` or ``~/.cache``; a private temporary folder, removed at exit, where
    that cannot be written.
    """
    name = _fingerprint()
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "frandsim"
        folder = base / name
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            os.utime(folder)
    except (OSError, RuntimeError):
        folder = Path(tempfile.mkdtemp(prefix="frandsim-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    else:
        _prune(base)
    return folder


def kernel_sources() -> list[Path]:
    """Every file whose edit may change machine code."""
    package = Path(__file__).parent
    modules = [package / "vocabulary.py", Path(__file__)]
    for floor in ("rules", "rates", "engine"):
        modules += (package / floor).rglob("*.py")
    modules += (
        path for path in (package / "evolution").rglob("*.py") if b"simulator.compiled" in path.read_bytes()
    )
    return sorted([*modules, package / "comparison" / "covariates.py"])


def _fingerprint() -> str:
    from llvmlite import binding

    tools = [
        platform.python_version(),
        *map(version, ("numba", "numpy", "llvmlite")),
        binding.get_host_cpu_name(),
    ]
    digest = blake2b("/".join(tools).encode(), digest_size=10)
    for path in kernel_sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _prune(base: Path) -> None:
    """Remove all but the folders used last."""
    folders = [folder for folder in base.iterdir() if folder.is_dir()]
    for folder in sorted(folders, key=_last_used, reverse=True)[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


def _last_used(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:  # another process has just removed it
        return 0.0
