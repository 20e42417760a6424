"""Makes the style sheet and the fonts whenever the project is installed or packed (see dunright.web.build_assets)."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Assets(BuildHookInterface):  # type: ignore[type-arg]  # the builder's configuration is of no interest here
    """Run by hatchling before it collects files, for an editable install and for a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Make the assets and hand them over as artifacts: git ignores them, the wheel must not."""
        package = Path(self.root) / "src" / "dunright"
        # By path, not by import: the package is not installed yet, and its other modules need Django.
        module = runpy.run_path(str(package / "web" / "build_assets.py"), run_name="build_assets")
        made = module["build"](package)
        build_data["artifacts"].extend(f"/{path.relative_to(self.root).as_posix()}" for path in made)
