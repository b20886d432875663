"""The build steps of a wheel: the shipped model goes in, the kernel comes out; nothing of the running package uses them."""

from pathlib import Path

from setuptools import Extension
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

_MODEL = Path("models") / "news"
_FILES = ("model.json", "model.safetensors", "report.json", "README.md")
_HEADERS = sorted(str(file) for file in Path("classifier").glob("_kernel*.h"))
_PYTHON = "cp311"  # the oldest Python whose limited API the kernel uses: one wheel serves that and all later ones


def _kernel() -> Extension:
    """Return the kernel; where there is no C compiler it is left out, and plain Python gives the same answers."""
    return Extension(
        "classifier._kernel",
        ["classifier/_kernel.c"],
        # No fused multiply-add, which the plain Python path has not: both must give the same sums.
        extra_compile_args=["-O3", "-ffp-contract=off"],
        depends=_HEADERS,
        py_limited_api=True,
        optional=True,
    )


class Wheel(bdist_wheel):  # type: ignore[misc]
    """`bdist_wheel` that knows of the kernel: the wheel is one for this kind of machine and every Python from `_PYTHON`."""

    def initialize_options(self) -> None:
        """Put the kernel on the list before the wheel's name is made."""
        super().initialize_options()
        self.distribution.ext_modules = [_kernel()]
        self.py_limited_api = _PYTHON


class Build(build):  # type: ignore[misc]
    """`build` that knows of the kernel, for editable installs."""

    def initialize_options(self) -> None:
        """Put the kernel on the list before the steps are."""
        super().initialize_options()
        self.distribution.ext_modules = [_kernel()]


class BuildWithModel(build_py):  # type: ignore[misc]
    """`build_py` that puts `models/news` into the package as `classifier/_models/news`.

    An editable install is left alone: it finds the model in the checkout.
    """

    def run(self) -> None:
        """Build the package, then copy the model."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "classifier" / "_models" / "news"
        self.mkpath(str(target))
        for name in _FILES:
            self.copy_file(str(_MODEL / name), str(target / name))

    def get_source_files(self) -> list[str]:
        """Return the files a source distribution needs, the model among them."""
        kernel = ["classifier/_kernel.c", *_HEADERS]
        return [*super().get_source_files(), *kernel, *(str(_MODEL / name) for name in _FILES)]

    def get_outputs(self, include_bytecode: int = 1) -> list[str]:
        """Return the files that are installed, the model among them."""
        target = Path(self.build_lib) / "classifier" / "_models" / "news"
        return [*super().get_outputs(include_bytecode), *(str(target / name) for name in _FILES)]


class BuildForCheckout(build_ext):  # type: ignore[misc]
    """`build_ext` that leaves the kernel in the checkout too: Python looks there first for who works in that folder."""

    def run(self) -> None:
        """Build the extension, then copy it beside its source if it could be built."""
        super().run()
        for file in map(Path, self.get_outputs()):
            if file.is_file() and not self.inplace:
                self.copy_file(str(file), str(Path("classifier") / file.name))
