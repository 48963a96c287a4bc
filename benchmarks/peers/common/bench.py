"""The order of measurements that all peers share, for those in Python: told in Bench.java.

Their workers are processes of their own, so each job appends its number and the time, by a clock that all processes of
the machine share, to a file; a drain is taken from the first of these marks to the last, without the start of the worker.
"""

import math
import os
import random
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

SETTING = os.environ.get("SETTING", "")
JOBS = int(os.environ.get("JOBS", 10000))
SAMPLES = int(os.environ.get("SAMPLES", 300))
PAUSE_SECONDS = 0.06
MARKS = Path(os.environ.get("MARKS", "marks"))
DRAIN, CYCLE = -1, -2  # the number of a job that is no sample
_MARK = struct.Struct("<iq")
_file = None


def started(number):
    """The handler's first and only line."""
    global _file
    now = time.monotonic_ns()
    if _file is None:
        _file = os.open(MARKS, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(_file, _MARK.pack(number, now))


def setting(*kinds):
    """KIND-NUMBER, where the kind is one of these."""
    kind, _, number = SETTING.rpartition("-")
    if kind not in kinds or not number.isdigit():
        raise SystemExit(f"No setting '{SETTING}'")
    return kind, number


def run(version, submit, worker_command, submit_all=None):
    """submit(number) sends one job; submit_all(number, jobs) so many in the peer's own bulk way, where it has one."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the worker is ended too
    print("VERSION", version)
    MARKS.unlink(missing_ok=True)
    by1, by16 = min(2000, JOBS // 10), min(8000, JOBS // 5)
    by64 = min(16000, JOBS // 5) if submit_all else JOBS - by1 - by16
    figure("submit-1", rate(1, by1, lambda: submit(DRAIN)))
    figure("submit-16", rate(16, by16, lambda: submit(DRAIN)))
    figure("submit-64", rate(64, by64, lambda: submit(DRAIN)))
    if submit_all:
        bulk, start = JOBS - by1 - by16 - by64, time.monotonic_ns()
        submit_all(DRAIN, bulk)
        figure("submit-bulk", per_second(bulk, time.monotonic_ns() - start))

    worker = subprocess.Popen(worker_command, stdout=sys.stderr, stderr=sys.stderr)
    try:
        await_ran(JOBS, worker)
        times = [at for _, at in marks()]
        figure("drain", per_second(JOBS - 1, max(times) - min(times)))
        figure("memory", resident_megabytes(worker.pid))

        start = time.monotonic_ns()
        if submit_all:
            submit_all(CYCLE, JOBS)
        else:  # 64 threads, as every peer without a bulk call
            rate(64, JOBS, lambda: submit(CYCLE))
        await_ran(2 * JOBS, worker)
        figure("cycle", per_second(JOBS, max(at for number, at in marks() if number == CYCLE) - start))

        time.sleep(2)
        sample_starts(submit, worker)
    finally:
        worker.terminate()
        try:
            worker.wait(15)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def sample_starts(submit, worker):
    """From before the call to the handler's first line, after pauses of random length so that no phase of a poll is favoured."""
    sent = []
    for i in range(SAMPLES):
        time.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))
        sent.append(time.monotonic_ns())
        submit(i)
    await_ran(2 * JOBS + SAMPLES, worker)
    millis = sorted((at - sent[number]) / 1e6 for number, at in marks() if number >= 0)
    for name, share in ("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1):
        figure(f"start-{name}", millis[math.ceil(share * len(millis)) - 1])


def marks():
    return list(_MARK.iter_unpack(MARKS.read_bytes()))


def await_ran(jobs, worker):
    while not MARKS.exists() or MARKS.stat().st_size < jobs * _MARK.size:
        if worker.poll() is not None:
            raise SystemExit(f"The worker ended with {worker.returncode}")
        time.sleep(0.01)


def rate(threads, steps, step):
    failures = []

    def go(share):
        try:
            for _ in range(share):
                step()
        except Exception as e:
            failures.append(e)

    shares = [steps // threads + (i < steps % threads) for i in range(threads)]
    running = [threading.Thread(target=go, args=(share,)) for share in shares]
    start = time.monotonic_ns()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if failures:
        raise failures[0]
    return per_second(steps, time.monotonic_ns() - start)


def per_second(jobs, nanos):
    return jobs * 1e9 / nanos


def resident_megabytes(pid):
    """Of the process and all that it started."""
    kilobytes, todo = 0, [pid]
    while todo:
        process = Path("/proc", str(todo.pop()))
        try:
            kilobytes += sum(int(line.split()[1]) for line in (process / "status").read_text().splitlines() if line.startswith("VmRSS:"))
            for task in (process / "task").iterdir():
                todo += (task / "children").read_text().split()
        except FileNotFoundError:
            pass  # it has just ended
    return kilobytes / 1024


def figure(name, value):
    print(f"FIGURE {name} {value:.2f}", flush=True)
