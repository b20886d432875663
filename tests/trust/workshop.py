"""A copy of package and tests in which the kernel is built by another compiler, with other flags; the checkout stays as it is."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_NEEDED = ("classifier", "tests", "models", "corpus", "labels", "README.md", "pyproject.toml")


def workshop(room: Path, compiler: str, *flags: str) -> Path:
    """Copy what the tests need into a room, build the kernel there and return the room."""
    for name in _NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, room / name, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        else:
            shutil.copyfile(ROOT / name, room / name)
    command = [
        compiler,
        "-shared",
        "-fPIC",
        "-g",
        "-O1",
        "-ffp-contract=off",
        "-DEXACT_ROOM",
        "-Wall",
        "-Wextra",
        "-fno-omit-frame-pointer",
    ]
    sources = [str(room / "classifier" / "_kernel.c"), "-o", str(room / "classifier" / "_kernel.abi3.so"), "-lm"]
    include = f"-I{sysconfig.get_path('include')}"
    subprocess.run([*command, *flags, include, *sources], check=True)
    return room
