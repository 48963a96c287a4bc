"""Huey on Redis. Settings: thread-N, greenlet-N."""

import sys
from importlib.metadata import version
from pathlib import Path

import bench
from tasks import no_op

kind, workers = bench.setting("thread", "greenlet")
bench.run(
    version("huey"),
    no_op,
    [Path(sys.executable).with_name("huey_consumer"), "tasks.huey", "-k", kind, "-w", workers, "-n", "-q"],
)
