import os

import bench
from huey import RedisHuey

huey = RedisHuey("bench", url=os.environ["REDIS_URI"])


@huey.task()
def no_op(number):
    bench.started(number)
