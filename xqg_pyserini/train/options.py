"""Options of training: one for each field of a recipe, with its name and what its class says of it."""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from xqg_pyserini.registry import Registry
from xqg_pyserini.train.losses import parse_mixture
from xqg_pyserini.train.recipe import field_texts
from xqg_pyserini.typo.presets import TYPO_PRESETS

data_option = click.option(
    "--data",
    metavar="SOURCE",
    multiple=True,
    required=True,
    help="Training rows: a file of rows, Tevatron's or SQuAD's, or an ir_datasets id with judgements; may be repeated.",
)
corpus_option = click.option(
    "--corpus",
    metavar="SOURCE",
    multiple=True,
    help="Passages of the rows: a file, a folder or an ir_datasets id; may be repeated.  [default: those in the rows]",
)
row_language_option = click.option(
    "--language", metavar="LANGUAGE", help="Language of the queries whose row does not state one."
)


@dataclass(frozen=True)
class RecipeOptions:
    """Decorator that adds an option for each field of a recipe's classes.

    Args:
        parts: the classes, of which the last one has the losses.
        losses: the losses that may be named.
        with_defaults: whether the defaults are those of the classes; None, which leaves the choice to a recipe's file,
            otherwise.
    """

    parts: tuple[type, ...]
    losses: Registry[Any]
    with_defaults: bool = True

    def __call__(self, command: Callable[..., Any]) -> Callable[..., Any]:
        for part in self.parts:
            hints, texts = get_type_hints(part), field_texts(part)
            for field in reversed(fields(part)):
                if not is_dataclass(hints[field.name]):
                    command = self._option(field, hints[field.name], texts.get(field.name, ""))(command)
        return command

    def _option(self, field: Field[Any], hint: Any, text: str) -> Callable[..., Any]:
        spelled = "--typo-preset" if field.name == "typo_presets" else f"--{field.name.replace('_', '-')}"
        default: Any = field.default
        kind: Any = next((kind for kind in (int, float) if kind in (hint, *get_args(hint))), str)
        metavar, names = None, {"losses": self.losses.names(), "typo_presets": TYPO_PRESETS.names()}
        if get_origin(hint) is Literal:
            kind = click.Choice(get_args(hint))
        elif isinstance(default, tuple):
            kind, default, metavar = _comma_list(kind), ",".join(map(str, default)), "LIST"
        elif field.name == "losses":
            default = _shown(self.parts[-1]().losses)
            kind, metavar = self._mixture, "LIST"
        if field.name in names:
            text += f" Names: {', '.join(names[field.name])}."
        default = default if self.with_defaults else None
        shown = default is not None
        return click.option(
            spelled, field.name, type=kind, default=default, metavar=metavar, show_default=shown, help=text
        )

    def _mixture(self, text: str) -> dict[str, float]:
        return parse_mixture(text, self.losses)


def _shown(losses: Mapping[str, float]) -> str:
    return ",".join(f"{name}={weight:g}" for name, weight in losses.items())


def _comma_list(kind: type) -> Callable[[str], tuple[Any, ...]]:
    """The type of an option whose values have commas between them."""

    def split(text: str) -> tuple[Any, ...]:
        try:
            return tuple(kind(part.strip()) for part in text.split(","))
        except ValueError:
            raise click.BadParameter(f"whole numbers with commas between are needed, got {text!r}") from None

    return split


def show_figures(output: Path, data: str, figures: dict[str, Any]) -> None:
    """Print the figures of a run, in the first process."""
    from accelerate import PartialState

    if not PartialState().is_main_process:
        return
    click.echo(f"{output}: trained on {data}, {figures['steps']} steps")
    for side in ("base", "trained"):
        shown = "  ".join(f"{name} {value:.3f}" for name, value in figures[side].items())
        click.echo(f"{side:>8}  {shown}")
