"""The build step that copies the shipped model into a wheel; nothing of the running package uses it."""

from pathlib import Path

from setuptools.command.build_py import build_py

_MODEL = Path("models") / "news"
_FILES = ("model.json", "model.safetensors", "report.json", "README.md")


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
        return [*super().get_source_files(), *(str(_MODEL / name) for name in _FILES)]

    def get_outputs(self, include_bytecode: int = 1) -> list[str]:
        """Return the files that are installed, the model among them."""
        target = Path(self.build_lib) / "classifier" / "_models" / "news"
        return [*super().get_outputs(include_bytecode), *(str(target / name) for name in _FILES)]
