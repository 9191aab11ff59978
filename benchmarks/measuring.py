"""What every benchmark measures with."""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def peak_megabytes() -> float:
    """The most memory that this process has held, in MB.

    ``ru_maxrss`` starts at the size of the process that forked this one; the kernel's own high-water mark does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return _high_water(status)
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def peak_of(command: list[str]) -> float:
    """Run a command and return the most memory that it held, in MB, files mapped into memory included.

    Raises:
        RuntimeError: the command failed; its output is in the message.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        status = Path(f"/proc/{process.pid}/status")
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, _high_water(status))
            time.sleep(0.05)
        output.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {output.read()[-2000:]}")
    return peak


def _high_water(status: Path) -> float:
    """``VmHWM`` of a process in MB; 0 when it has ended."""
    try:
        lines = status.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0
