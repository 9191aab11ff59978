"""Put a trained encoder into the package: ``embedded+xdr``, both sides, and ``embedded+xdr+typo``, its query encoder.

    python runs/dual-encoder/ship.py ADAPTERS SEED

ADAPTERS holds what plan.yaml trains, ``mixture-SEED`` and ``mixture-then-typos-SEED``, whose weights stay as they are.
"""

import shutil
import sys
from pathlib import Path

from xqg_pyserini.encode import adapter
from xqg_pyserini.files import read_json, write_json

#: Arm of the plan -> name in the package, and name of its base there.
SHIPPED = {"mixture": ("embedded+xdr", "embedded"), "mixture-then-typos": ("embedded+xdr+typo", "embedded+xdr")}
PACKAGE = Path(adapter.__file__).parent / "adapters"


def ship(trained: Path, name: str, base: str) -> None:
    """Copy the files that an encoder needs, with the name of its base."""
    target = PACKAGE / name
    target.mkdir(exist_ok=True)
    shutil.copyfile(trained / adapter.WEIGHTS, target / adapter.WEIGHTS)
    config, meta = read_json(trained / adapter.CONFIG), read_json(trained / adapter.META)
    meta["base"]["name"] = config["base_model_name_or_path"] = base
    write_json(target / adapter.CONFIG, config)
    write_json(target / adapter.META, meta)


def main(adapters: Path, seed: str) -> None:
    """Ship both."""
    for arm, (name, base) in SHIPPED.items():
        ship(adapters / f"{arm}-{seed}", name, base)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
