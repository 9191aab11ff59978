"""Click options and behaviour that commands share: one spelling, one help text, one way to fail."""

import errno
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, override

import click

from xqg_pyserini.errors import XqgError


class UserMistake(click.ClickException):
    """One line on stderr and exit code 2."""

    exit_code = 2

    @override
    def show(self, file: Any = None) -> None:
        click.echo(f"xqg: error: {' '.join(self.message.split())}", file=file or sys.stderr)


def _explain(error: Exception) -> UserMistake | None:
    """The one-line form of an error that the user can mend; None for a defect."""
    if isinstance(error, XqgError):
        return UserMistake(str(error))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
        return UserMistake(f"{error.strerror}: {error.filename or 'while writing'}; nothing half-written is left")
    return None


class _OneLineErrors(click.Command):
    """Mixin: a user's mistakes end in one line instead of a traceback."""

    @override
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (XqgError, OSError) as error:
            if mistake := _explain(error):
                raise mistake from error
            raise


class XqgCommand(_OneLineErrors):
    """A command whose user's mistakes end in one line instead of a traceback."""


class XqgGroup(_OneLineErrors, click.Group):
    """A group whose commands are ``XqgCommand``s; it may also be a command itself (``invoke_without_command``)."""

    command_class = XqgCommand


class LazyGroup(XqgGroup):
    """A group that imports a command's module only when that command runs.

    Args:
        lazy: command name -> (``module:attribute``, one line of help).
    """

    def __init__(self, *args: Any, lazy: dict[str, tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy or {}

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.lazy, *super().list_commands(ctx)]

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, attribute = self.lazy[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, text) for name, (_, text) in self.lazy.items()]
        rows += [(name, c.get_short_help_str()) for name, c in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


PATH = click.Path(path_type=Path)

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def output_option(what: str) -> Decorator:
    """``--output``: a path that the command writes."""
    return click.option("--output", "output", type=PATH, required=True, help=what)


def languages_value(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Split ``ar,bn`` into a tuple; None stays None."""
    if value is None:
        return None
    return tuple(part.strip() for part in value.split(",") if part.strip())


overwrite_option = click.option("--overwrite", is_flag=True, help="Replace the output if it exists.")
batch_size_option = click.option(
    "--batch-size", type=click.IntRange(min=1), default=64, show_default=True, help="Texts encoded at once."
)
threads_option = click.option(
    "--threads", type=click.IntRange(min=1), default=None, help="CPU threads; all cores when left out."
)
device_option = click.option(
    "--device", default="cpu", show_default=True, help="Where the encoder runs: cpu, cuda, cuda:1."
)
backend_option = click.option(
    "--backend",
    default="torch",
    show_default=True,
    help="What runs the encoder: torch, torch-fp16, torch-bf16, onnx, onnx-int8.",
)


def encoder_settings_options(side: str) -> Decorator:
    """Options over what the checkpoint states; each becomes the ``EncoderSettings`` field of its name, or None.

    Args:
        side: ``query`` or ``passage``: which of the two lengths ``--max-length`` sets.
    """
    options = [
        click.option(
            "--max-length",
            f"{side}_max_length",
            type=click.IntRange(min=3),
            default=None,
            help=f"Tokens kept of a {side}.  [default: the encoder's]",
        ),
        click.option(
            "--pooling",
            type=click.Choice(["cls", "mean", "max", "last"]),
            default=None,
            help="[default: the encoder's]",
        ),
        click.option("--normalize/--no-normalize", default=None, help="Unit-length vectors.  [default: the encoder's]"),
        click.option("--query-prefix", default=None, help="Text before every query.  [default: the encoder's]"),
        click.option("--passage-prefix", default=None, help="Text before every passage.  [default: the encoder's]"),
    ]

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add
