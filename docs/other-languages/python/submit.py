"""Inserts a row of crontab_jobs and two jobs, waits for their ends and reads what they gave.

    python submit.py 'mongodb://localhost/?replicaSet=rs0' app
"""
import sys
import time
from datetime import datetime, timezone

from bson import ObjectId
from pymongo import MongoClient, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

ENDS = ("succeeded", "failed", "cancelled", "expired")


def submit(jobs, function, params, **fields):
    """Inserts a job that is due now, unless the fields say otherwise. Returns its id."""
    now = datetime.now(timezone.utc)
    job = {
        "_id": ObjectId(), "function": function, "params": params, "queue": "default", "priority": 0,
        "state": "pending", "run_at": now, "created_at": now, **fields,
    }
    try:
        jobs.insert_one(job)
    except DuplicateKeyError as error:
        if error.details["keyPattern"] != {"_id": 1}:
            raise
        # An id of your own that is there already: the job was submitted before.
    return job["_id"]


def poll(look, timeout):
    """Looks ever less often until there is something: after 10 ms, 20 ms, ... at last each 250 ms."""
    deadline = time.monotonic() + timeout
    pause = 0.01
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing after {timeout} s")
        time.sleep(pause)
        pause = min(2 * pause, 0.25)
    return found


def end_of(jobs, job_id, timeout=30):
    """Waits until a job has ended. Returns its state, and its result or its error."""

    def look():
        job = jobs.find_one({"_id": job_id}, {"state": 1, "result": 1, "error": 1})
        if job is None:
            raise LookupError(f"there is no job {job_id}, or no more: its retention is over")
        return job if job["state"] in ENDS else None

    return poll(look, timeout)


def job_of(rows, row_id, timeout=30):
    """Waits until a row has become a job. Returns the job's id."""

    def look():
        row = rows.find_one({"_id": row_id}, {"is_done": 1, "job_id": 1, "error": 1})
        if row is None:
            raise LookupError(f"there is no row {row_id}")
        if "error" in row:
            raise ValueError(row["error"]["message"])
        return row["job_id"] if row["is_done"] else None

    return poll(look, timeout)


def tell(end):
    if end["state"] == "succeeded":
        print(f"job {end['_id']} succeeded: {end.get('result')}")
    else:
        error = end.get("error", {})
        print(f"job {end['_id']} {end['state']}: {error.get('reason')}: {error.get('message')}")


def main(uri, database):
    with MongoClient(uri) as client:
        db = client.get_database(
            database, write_concern=WriteConcern("majority"), read_concern=ReadConcern("majority")
        )
        rows, jobs = db["crontab_jobs"], db["taskqueue_jobs"]

        row_id = rows.insert_one({
            "name": "Mail from Python", "function": "send_mail", "params": ["ann@example.org"], "kwargs": {"times": 1},
            "time": int(time.time()), "is_done": False,
        }).inserted_id
        mail_id = submit(jobs, "send_mail", ["you@example.com", 3], priority=5)
        # Under an id of your own, a submit that is done twice is one job.
        charge_id = f"charge-{ObjectId()}"
        for _ in range(2):
            submit(jobs, "charge_card", ["order-17", 99.5], _id=charge_id, max_attempts=1)

        row_job_id = job_of(rows, row_id)
        print(f"row {row_id} became job {row_job_id}")
        for job_id in (row_job_id, mail_id, charge_id):
            tell(end_of(jobs, job_id))


if __name__ == "__main__":
    main(*sys.argv[1:])
