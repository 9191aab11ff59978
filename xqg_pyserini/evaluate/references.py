"""Published scores of other systems, shown beside ours and marked as not re-run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.metrics import parse_metrics

_LAYOUT = "a list of systems, each with 'name', 'source' and 'scores': {metric: {all: number, language: number}}"


@dataclass(frozen=True)
class Reference:
    """A row that was published, not computed here.

    Args:
        name: of the system.
        source: where the scores were published: paper and table, or page.
        scores: metric -> group (``all`` or a language) -> score between 0 and 1.
    """

    name: str
    source: str
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def score(self, metric_name: str, group: str) -> float | None:
        """The score of a metric in a group; None where it was not published."""
        return self.scores.get(metric_name, {}).get(group)


def read_references(path: Path) -> list[Reference]:
    """Read a YAML file of published scores, in per cent (``percent: true``, the default) or as fractions.

    Raises:
        InputError: the file has another layout; the message names what is wrong.
    """
    import yaml

    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("no such file", path) from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"not YAML: {error}", path) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{_LAYOUT} is needed", path)
    return [_reference(row, path) for row in rows]


def _reference(row: Mapping[str, Any], path: Path) -> Reference:
    name, source, scores = row.get("name"), row.get("source"), row.get("scores")
    if not isinstance(name, str) or not isinstance(source, str) or not source.strip():
        raise InputError(f"a reference row needs a name and a source, got {name!r} and {source!r}", path)
    if not isinstance(scores, dict) or not all(isinstance(table, dict) for table in scores.values()):
        raise InputError(f"system {name!r}: {_LAYOUT} is needed", path)
    if unknown := sorted(set(row) - {"name", "source", "percent", "scores"}):
        raise InputError(f"system {name!r}: unknown field {unknown[0]!r}", path)
    unit = 100.0 if row.get("percent", True) else 1.0
    for value in (value for table in scores.values() for value in table.values()):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= unit:
            raise InputError(f"system {name!r}: {value!r} is no score between 0 and {unit:g}", path)
    tables = {
        parse_metrics([str(metric)])[0].name: {str(group): value / unit for group, value in table.items()}
        for metric, table in scores.items()
    }
    return Reference(name, source, tables)
