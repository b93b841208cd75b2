"""Sphinx: `make docs`."""

project = "BlueMarble"
author = "The BlueMarble contributors"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
nitpicky = True
myst_heading_anchors = 3
