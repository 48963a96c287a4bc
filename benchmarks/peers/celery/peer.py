"""Celery on Redis. Settings: prefork-N (processes), threads-N (threads in one process)."""

import sys
from importlib.metadata import version
from pathlib import Path

import bench
from tasks import no_op

pool, workers = bench.setting("prefork", "threads")
bench.run(
    version("celery"),
    no_op.delay,
    [Path(sys.executable).with_name("celery"), "-A", "tasks", "worker", "-P", pool, "-c", workers, "-l", "ERROR",
     "--without-gossip", "--without-mingle", "--without-heartbeat"],
)
