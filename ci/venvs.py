"""Virtual environments for programs that must not share the project's own, filled from a lock file."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path


def filled(folder: Path, requirements: Path) -> Path:
    """Return the Python of the virtual environment in `folder`, which is made and filled when it is not there."""
    python = folder / "bin" / "python"
    if python.exists():
        return python
    if uv := shutil.which("uv"):
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", str(python)]
    else:
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, "--require-hashes", "-r", str(requirements)], check=True)
    return python
