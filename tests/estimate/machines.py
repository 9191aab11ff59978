"""A machine whose estimates can be computed by hand."""

from xqg_pyserini.estimate import Machine

ROUND = Machine(
    encoder="round",
    dim=8,
    backend="torch",
    device="cpu",
    passage_tokens=100,
    query_tokens=10,
    passages_per_second=10,
    queries_per_second=100,
    read_per_second=1000,
    written_per_second=1000,
    summed_per_second=10_000,
    written_bytes_per_second=1e6,
    scores_per_second=1e6,
    passage_bytes=500,
    packed_bytes=200,
    query_bytes=40,
    start_seconds=2,
    process_bytes=10**9,
    generator="generator",
    generated_per_second=50,
)
