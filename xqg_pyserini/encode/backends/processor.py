"""What the processor computes in."""

import sys
from functools import cache
from pathlib import Path

#: The flags of x86 and of ARM for products of bfloat16 numbers.
_BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


@cache
def computes_in_bf16() -> bool:
    """Whether products of bfloat16 numbers are instructions of this processor; False where Linux does not tell."""
    if sys.platform != "linux":
        return False
    words = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split()
    return not _BF16_FLAGS.isdisjoint(words)
