"""What every benchmark measures with."""

import resource
import sys
from pathlib import Path


def peak_megabytes() -> float:
    """The most memory that this process has held, in MB.

    ``ru_maxrss`` starts at the size of the process that forked this one; the kernel's own high-water mark does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
