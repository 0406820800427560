"""What can go wrong on purpose: one class per exit code, one clear line per error."""


class InspectorError(Exception):
    """An error whose text is meant for the person at the line: it names the thing, its value and the limit."""

    exit_code = 70


class HangError(InspectorError):
    """A thread of this process does not come back, and no thread can be killed: the process has to end as it is."""


class DeviceLost(InspectorError):  # noqa: N818  # what is told of it
    """A GPU has failed, and gives nothing more to a process that saw it fail: the process has to start again."""


class ConfigError(InspectorError):
    """config.yaml or a command's arguments are wrong, or a port is in use."""

    exit_code = 2


def unwritable(error: OSError) -> ConfigError:
    """What to say of a file that could not be written."""
    where = "" if error.filename is None else f" {error.filename}"
    return ConfigError(f"cannot write{where}: {error.strerror or error}")


class SourceError(InspectorError):
    """The camera, video, folder or recording cannot be opened or holds no picture."""

    exit_code = 3


class RecipeError(InspectorError):
    """The recipe is missing, damaged or does not fit, or cannot be made from these pictures."""

    exit_code = 4


class VerificationError(InspectorError):
    """What came out differs from what was expected."""

    exit_code = 5


class Unlocated(InspectorError):  # noqa: N818  # the line's word for it, and no mistake of anybody's
    """A part's picture in which the recipe's locator finds no part: it is not inspected, and so rejected."""
