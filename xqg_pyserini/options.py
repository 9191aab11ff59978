"""Click options and behaviour that commands share: one name, one help text, one way to fail."""

import contextlib
import errno
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, override

import click
from click.core import ParameterSource

from xqg_pyserini.errors import UnknownNameError, XqgError
from xqg_pyserini.quiet import show_steps, wait_passively
from xqg_pyserini.registry import Registry


class UserMistake(click.ClickException):
    """One line on stderr and exit code 2."""

    exit_code = 2

    @override
    def show(self, file: Any = None) -> None:
        click.echo(f"xqg: error: {' '.join(self.message.split())}", file=file or sys.stderr)


#: What the system says of a path or a disk that the user can mend.
_USER_ERRNOS = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.ENAMETOOLONG,
    }
)


@contextlib.contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turn what the user can mend into one line; anything else is a defect and keeps its traceback."""
    try:
        yield
    except XqgError as error:
        raise UserMistake(str(error)) from error
    except OSError as error:
        if error.errno not in _USER_ERRNOS:
            raise
        place = error.filename or "while writing"
        raise UserMistake(f"{error.strerror}: {place}; nothing half-written is left") from error


class _OneLineErrors(click.Command):
    """Mixin: a user's mistakes end in one line instead of a traceback, in options as well as in the work."""

    @override
    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        # before a library is loaded that would not look again
        wait_passively()
        show_steps()
        with _one_line_errors():
            return super().make_context(*args, **kwargs)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        with _one_line_errors():
            return super().invoke(ctx)


class XqgCommand(_OneLineErrors):
    """A command whose user's mistakes end in one line instead of a traceback."""


class XqgGroup(_OneLineErrors, click.Group):
    """A group whose commands are ``XqgCommand``s; it may also be a command itself (``invoke_without_command``)."""

    command_class = XqgCommand


class DefaultGroup(XqgGroup):
    """A group of which one command runs where none is named: ``xqg generate --corpus …``.

    Args:
        default: name of that command.
    """

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._default = default

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0].startswith("-") and args[0] not in ctx.help_option_names:
            args = [self._default, *args]
        return super().parse_args(ctx, args)


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


def check_needed(needed: Mapping[str, str]) -> None:
    """Refuse options given to the current command that mean nothing without another one.

    Args:
        needed: parameter -> the parameter without whose value it means nothing, both by their Python names.

    Raises:
        UserMistake: names both options.
    """
    context = click.get_current_context()
    spelled = {param.name: max(param.opts, key=len) for param in context.command.params}
    for name, other in needed.items():
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and not context.params[other]:
            raise UserMistake(f"{spelled[name]} needs {spelled[other]}")


PATH = click.Path(path_type=Path)

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class RegisteredName(click.ParamType):
    """A name in a registry, which is imported only when help or a value needs it.

    Args:
        place: ``module:NAME`` of the registry.
    """

    name = "name"

    def __init__(self, place: str) -> None:
        self._place = place

    @property
    def registry(self) -> Registry[Any]:
        """The registry, imported."""
        module, name = self._place.split(":")
        registry: Registry[Any] = getattr(importlib.import_module(module), name)
        return registry

    @override
    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return f"[{'|'.join(self.registry.names())}]"

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            self.registry.get(value)
        except UnknownNameError as error:
            place = f"{max(param.opts, key=len)}: " if param else ""
            raise UserMistake(f"{place}{error}") from None
        return str(value)


class RegisteredNames(RegisteredName):
    """Names in a registry, divided by commas."""

    name = "names"

    @override
    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return f"{super().get_metavar(param, ctx)},..."

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in value.split(",")]
        return tuple(super(RegisteredNames, self).convert(part, param, ctx) for part in parts if part)


def output_option(what: str) -> Decorator:
    """``--output``: a path that the command writes."""
    return click.option("--output", "output", type=PATH, required=True, help=what)


def languages_value(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Split ``ar,bn`` into a tuple; None stays None."""
    if value is None:
        return None
    return tuple(part.strip() for part in value.split(",") if part.strip())


overwrite_option = click.option("--overwrite", is_flag=True, help="Replace the output if it exists.")
threads_option = click.option(
    "--threads", type=click.IntRange(min=1), default=None, help="Number of CPU threads.  [default: all cores]"
)
batch_size_option = click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=64,
    show_default=True,
    help="Largest number of texts encoded at once.",
)
device_option = click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="Device that runs the encoder: cpu, cuda, cuda:1 (the second GPU) or mps.",
)
backend_option = click.option(
    "--backend",
    type=RegisteredName("xqg_pyserini.encode.backends:BACKENDS"),
    default="auto",
    show_default=True,
    help="Library and precision that run the encoder; auto: the fastest that is installed and exact enough here.",
)


def dtype_option(default: str | None) -> Decorator:
    """``--dtype``: how vectors are stored; with None as default, as the base index stores them."""
    return click.option(
        "--dtype",
        type=click.Choice(["float32", "float16"]),
        default=default,
        show_default=default is not None,
        help="Type of the stored values." + ("" if default else "  [default: that of the index]"),
    )


def encoder_settings_options(side: str) -> Decorator:
    """Options that override the checkpoint; each becomes the ``EncoderSettings`` field of its name, or None.

    Args:
        side: ``query`` or ``passage``: which of the two lengths ``--max-length`` sets. Where only queries are encoded,
            there is no ``--passage-prefix``.
    """
    options = [
        click.option(
            "--max-length",
            f"{side}_max_length",
            type=click.IntRange(min=3),
            default=None,
            help=f"Number of tokens to which a {side} is cut.  [default: the encoder's]",
        ),
        click.option(
            "--pooling",
            type=click.Choice(["cls", "mean", "max", "last"]),
            default=None,
            help="How token vectors become one vector: the first token's, their mean or maximum, or the last token's.  "
            "[default: the encoder's]",
        ),
        click.option(
            "--normalize/--no-normalize",
            default=None,
            help="Whether vectors are scaled to unit length.  [default: the encoder's]",
        ),
        click.option(
            "--query-prefix",
            default=None,
            help="Text put before every query.  [default: the encoder's, such as 'query: ']",
        ),
    ]
    if side == "passage":
        options.append(
            click.option(
                "--passage-prefix",
                default=None,
                help="Text put before every passage.  [default: the encoder's, such as 'passage: ']",
            )
        )

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add
