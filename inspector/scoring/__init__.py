"""Patch scoring: from a part's picture to its score map, and from good parts to a recipe."""

import sys

# OpenVINO reports its import and each conversion to its makers over the internet, unasked; a station tells nobody but
# its wire. It does without where this module cannot be imported, so it cannot.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
