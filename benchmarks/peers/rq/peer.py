"""RQ on Redis. Settings: fork-N (workers that fork for each job, its default), simple-N (workers that run jobs themselves)."""

import os
import sys
from importlib.metadata import version
from pathlib import Path

import bench
from redis import Redis
from rq import Queue
from tasks import no_op

BATCH = 1000
uri = os.environ["REDIS_URI"]
queue = Queue("bench", connection=Redis.from_url(uri))
kind, workers = bench.setting("fork", "simple")
worker_class = {"fork": "rq.worker.Worker", "simple": "rq.worker.SimpleWorker"}[kind]


def submit_all(number, jobs):
    for start in range(0, jobs, BATCH):
        batch = range(min(BATCH, jobs - start))
        queue.enqueue_many([Queue.prepare_data(no_op, (number,), result_ttl=0) for _ in batch])


bench.run(
    version("rq"),
    lambda number: queue.enqueue(no_op, number, result_ttl=0),
    [Path(sys.executable).with_name("rq"), "worker-pool", "-q", "-u", uri, "-n", workers, "-w", worker_class, "bench"],
    submit_all,
)
