"""All checks: each module registers its own."""
import importlib
import pathlib

for _path in sorted(pathlib.Path(__file__).parent.glob("check_*.py")):
    importlib.import_module(f"surface.{_path.stem}")
