"""Prompts, one file each; importing this package registers them."""

from xqg_pyserini.generate.prompts.base import PROMPTS, Answer, Prompt, PromptOptions
from xqg_pyserini.registry import import_all

__all__ = ["PROMPTS", "Answer", "Prompt", "PromptOptions"]

import_all(__name__, __path__)
