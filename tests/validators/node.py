"""Programs for Node.js beside this file, installed from their lock files."""

import shutil
import subprocess
from pathlib import Path


def install(program: str, folder: Path) -> Path:
    """Copy ``tests/validators/PROGRAM`` into the folder and install what it needs there."""
    for file in (Path(__file__).parent / program).iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder
