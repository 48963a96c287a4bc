import os

import bench
from celery import Celery

app = Celery("tasks", broker=os.environ["REDIS_URI"])
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=64,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="no-op")
def no_op(number):
    bench.started(number)
