"""Cross-lingual dense retrieval that survives real queries: a toolkit on top of Pyserini.

Each stage is a subpackage and a command of the same name (``python -m xqg_pyserini`` lists them).
Importing this package loads none of torch, transformers, faiss, pyserini or ranx.
"""

__version__ = "0.1.0"
