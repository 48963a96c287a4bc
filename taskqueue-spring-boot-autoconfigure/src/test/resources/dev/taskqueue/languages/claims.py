"""Tries from Python what docs/other-languages.md, crontab.md and functions.md say, beside the application of
OtherLanguagesIT. Prints a line for each claim: "as claimed: ...", or "DIFFERS ..." with what was seen.
"""
import sys
import time
import uuid
from datetime import datetime, timedelta, timezone

from bson import Binary, Decimal128, Int64, ObjectId
from pymongo import MongoClient, WriteConcern
from pymongo.errors import DuplicateKeyError

from submit import ENDS, end_of, job_of, poll, submit

NOW = datetime.now(timezone.utc)
NOW = NOW.replace(microsecond=NOW.microsecond // 1000 * 1000)  # a date has milliseconds
DAY = datetime(2026, 11, 21, tzinfo=timezone.utc)
UUID = uuid.UUID("12345678-1234-5678-1234-567812345678")
ID = ObjectId()


def claim(what, holds, seen):
    print(f"as claimed: {what}" if holds else f"DIFFERS {what}: {seen!r}", flush=True)


# Arguments and results: claim, function, params, kwargs, and the result, or a part of the error's message ------------

WHOLE = "expected a whole number from -2147483648 to 2147483647 (int)"
ARGUMENTS = [
    ("an int32 is an int", "an_int", [3], {}, 3),
    ("an int64 in range is an int", "an_int", [Int64(3)], {}, 3),
    ("a whole double is an int", "an_int", [3.0], {}, 3),
    ("a whole decimal is an int", "an_int", [Decimal128("3.00")], {}, 3),
    ("an int64 out of range is no int", "an_int", [Int64(2**31)], {}, WHOLE),
    ("a fraction is no int", "an_int", [3.5], {}, WHOLE),
    ("a text is no int", "an_int", ["3"], {}, "text is not converted"),
    ("a boolean is no int", "an_int", [True], {}, WHOLE),
    ("null is no int", "an_int", [None], {}, "cannot be null"),
    ("a list is no int", "an_int", [[3]], {}, WHOLE),
    ("an int64 is a long", "a_long", [2**40], {}, 2**40),
    ("a whole double is a long", "a_long", [float(2**40)], {}, 2**40),
    ("an int32 is a double", "a_double", [3], {}, 3.0),
    ("a double is a double", "a_double", [0.1], {}, 0.1),
    ("a decimal is a double where its digits survive", "a_double", [Decimal128("0.1")], {}, 0.1),
    ("an int64 that no double holds is none", "a_double", [2**53 + 1], {}, "without loss"),
    ("a decimal is a BigDecimal", "a_decimal", [Decimal128("9.95")], {}, Decimal128("9.95")),
    ("a double is a BigDecimal by its digits", "a_decimal", [9.95], {}, Decimal128("9.95")),
    ("a text is a BigDecimal", "a_decimal", ["9.95"], {}, Decimal128("9.95")),
    ("a boolean is a boolean", "a_boolean", [True], {}, True),
    ("1 is no boolean", "a_boolean", [1], {}, "expected true or false"),
    ("a text is a String", "a_text", ["ä 😀"], {}, "ä 😀"),
    ("an int is a String", "a_text", [3], {}, "3"),
    ("an ObjectId is a String", "a_text", [ID], {}, str(ID)),
    ("bytes are a String in Base64", "a_text", [b"\x01\x02"], {}, "AQI="),
    ("null is no String but null", "a_text", [None], {}, None),
    ("a date is an Instant", "an_instant", [NOW], {}, NOW),
    ("a naive datetime counts as UTC", "an_instant", [NOW.replace(tzinfo=None)], {}, NOW),
    ("ISO text with Z is an Instant", "an_instant", ["2026-11-21T00:00:00Z"], {}, DAY),
    ("ISO text with an offset is an Instant", "an_instant", ["2026-11-21T01:00:00+01:00"], {}, DAY),
    ("what isoformat() gives is an Instant", "an_instant", [DAY.isoformat()], {}, DAY),
    ("an Instant of microseconds is text", "an_instant", ["2026-11-21T00:00:00.123456Z"], {}, "2026-11-21T00:00:00.123456Z"),
    ("ISO text without an offset is no Instant", "an_instant", ["2026-11-21T00:00:00"], {}, "expected a date or ISO text"),
    ("a number is no Instant", "an_instant", [1795255200], {}, "a number does not tell its unit"),
    ("a date is a local time in UTC", "a_local_time", [DAY], {}, "2026-11-21T00:00:00"),
    ("ISO text without an offset is a local time", "a_local_time", ["2026-11-21T00:00:00"], {}, "2026-11-21T00:00:00"),
    ("a date at midnight in UTC is a day", "a_day", [DAY], {}, "2026-11-21"),
    ("ISO text is a day", "a_day", ["2026-11-21"], {}, "2026-11-21"),
    ("another time of the day is no day", "a_day", [DAY + timedelta(hours=1)], {}, "expected a day (LocalDate)"),
    ("bytes are bytes", "bytes", [b"\x01\x02"], {}, "2 bytes, in Base64 AQI="),
    ("a Binary is bytes", "bytes", [Binary(b"\x01\x02", 128)], {}, "2 bytes, in Base64 AQI="),
    ("Base64 text is bytes", "bytes", ["AQI="], {}, "2 bytes, in Base64 AQI="),
    ("a standard UUID is a UUID", "a_uuid", [UUID], {}, UUID),
    ("the text of a UUID is one", "a_uuid", [str(UUID)], {}, UUID),
    ("an array is a list", "numbers", [[1, 2.0, Int64(3)]], {}, 6),
    ("one value is no list", "numbers", [1], {}, "List<Integer>"),
    ("a document is a record", "an_order", [{"id": "a", "amount": 9.95, "due": DAY}], {},
     {"id": "a", "amount": Decimal128("9.95"), "due": DAY}),
    ("a record's component may be missing", "an_order", [{"id": "a", "amount": 1}], {},
     {"id": "a", "amount": Decimal128("1"), "due": None}),
    ("an unknown field of a record is refused", "an_order", [{"id": "a", "price": 1}], {}, "which has no 'price'"),
    ("an int32 is an Integer to whom it may concern", "anything", [3], {}, "Integer"),
    ("an int64 is a Long to whom it may concern", "anything", [Int64(3)], {}, "Long"),
    ("an ObjectId is a String to whom it may concern", "anything", [ID], {}, "String"),
    ("null is null to whom it may concern", "anything", [None], {}, "null"),
    ("params and kwargs go together", "send_mail", ["you@example.com"], {"times": 3}, "3 mails to you@example.com"),
    ("kwargs alone will do", "send_mail", [], {"times": 3, "to": "you"}, "3 mails to you"),
    ("twice the same argument is refused", "send_mail", ["you"], {"to": "me"}, "kwargs.to"),
    ("an unknown name is refused", "send_mail", ["you"], {"count": 3}, "kwargs.count"),
    ("too little is refused", "send_mail", ["you"], {}, "takes 2 arguments, got 1"),
    ("too much is refused", "send_mail", ["you", 3, 4], {}, "takes 2 arguments, got 3"),
    ("what is optional may be missing", "optionals", ["a"], {}, "a, no second, null"),
    ("what is optional may be null", "optionals", ["a", None, None], {}, "a, no second, null"),
    ("what is optional may be there by name", "optionals", ["a"], {"third": 3}, "a, no second, 3"),
    ('"app" stands for the application', "sql_execute_now", ["app", "42", 3], {}, "1 application, 42, 3"),
    ("null stands for the application", "sql_execute_now", [None, "42", 3], {}, "1 application, 42, 3"),
    ("nothing stands for the application", "sql_execute_now", ["42", 3], {}, "1 application, 42, 3"),
    ("a map, a list, bytes and a time come back as they are", "a_map", [], {},
     {"list": [1, 2], "bytes": b"\x01", "time": datetime.fromtimestamp(0, timezone.utc)}),
]


def arguments(jobs):
    submitted = [
        submit(jobs, function, params, **({"kwargs": kwargs} if kwargs else {}), max_attempts=1)
        for _, function, params, kwargs, _ in ARGUMENTS
    ]
    for (what, _, _, _, expected), job_id in zip(ARGUMENTS, submitted):
        end = end_of(jobs, job_id)
        if end["state"] == "succeeded":
            result = end.get("result")
            claim(what, result == expected and type(result) in (type(expected), int, Int64), end)
        else:
            error = end["error"]
            claim(what, error["reason"] == "unreadable" and str(expected) in error["message"], end)


# Jobs ------------------------------------------------------------------------------------------------------------------

def failed_for(jobs, what, job, *parts):
    job_id = jobs.insert_one({
        "function": "send_mail", "params": ["you", 1], "queue": "default", "priority": 0, "state": "pending",
        "run_at": NOW, "created_at": NOW, **job,
    }).inserted_id
    end = end_of(jobs, job_id)
    message = end.get("error", {}).get("message", "")
    claim(what, end["state"] == "failed" and end["error"]["reason"] == "unreadable"
          and all(part in message for part in parts), end)


def bad_jobs(jobs):
    failed_for(jobs, "params that are no array fail the job", {"params": {"to": "you"}}, "'params'", "an array")
    failed_for(jobs, "kwargs that are no document fail the job", {"kwargs": ["you"]}, "'kwargs'", "a document")
    failed_for(jobs, "a run_at that is a number fails the job", {"run_at": int(time.time())}, "'run_at'", "a date")
    failed_for(jobs, "a run_at that is a text fails the job", {"run_at": NOW.isoformat()}, "'run_at'", "a date")
    failed_for(jobs, "a queue that is no text fails the job", {"queue": 7}, "'queue'")
    failed_for(jobs, "a limit that is no number fails the job", {"max_attempts": "two"}, "'max_attempts'")
    failed_for(jobs, "a time-out that is a text fails the job", {"timeout_ms": "90s"}, "'timeout_ms'")
    failed_for(jobs, "an expires_at that is no date fails the job", {"expires_at": 5}, "'expires_at'", "a date")


def good_jobs(client, db, jobs):
    def began(job_id):
        return poll(lambda: jobs.find_one({"_id": job_id, "state": {"$in": ENDS}}), 20)

    bare = jobs.insert_one({"function": "send_mail", "params": ["you", 1], "state": "pending"}).inserted_id
    inserted = time.monotonic()
    job = began(bare)
    claim("queue, priority, run_at and created_at may be missing",
          job["state"] == "succeeded" and job["queue"] == "default" and time.monotonic() - inserted < 3,
          (time.monotonic() - inserted, job))

    inserted = time.monotonic()
    job = began(submit(jobs, "send_mail", ["you", 1], queue="from Python"))
    claim("a queue that no one knew is found at once by a stream",
          job["state"] == "succeeded" and time.monotonic() - inserted < 3, (time.monotonic() - inserted, job))

    for what, own in (("text", f"a-{ObjectId()}"), ("number", Int64(time.time_ns())), ("UUID", uuid.uuid4())):
        job = began(submit(jobs, "send_mail", ["you", 1], _id=own))
        claim(f"an id may be a {what}", job["_id"] == own and job["state"] == "succeeded", job)
    try:
        jobs.insert_one({"_id": own, "function": "send_mail"})
        claim("a second job of the same id is refused", False, own)
    except DuplicateKeyError as error:
        claim("a second job of the same id is refused", error.details["keyPattern"] == {"_id": 1}, error.details)

    run_at = datetime.now(timezone.utc) + timedelta(seconds=1)
    job = began(submit(jobs, "send_mail", ["you", 1], run_at=run_at))
    claim("a job starts no earlier than run_at", job["claimed_at"] >= run_at.replace(microsecond=0), job)

    job = began(submit(jobs, "send_mail", ["you", 1], expires_at=NOW - timedelta(seconds=1)))
    claim("a job past expires_at expires", job["state"] == "expired" and "result" not in job, job)

    job = began(submit(jobs, "wait_for_ever", [], timeout_ms=100, max_attempts=1))
    claim("timeout_ms is the limit of an attempt",
          job["state"] == "failed" and job["error"]["reason"] == "timeout", job)

    job = began(submit(jobs, "fail_once", []))
    claim("a job that failed is tried again, and keeps the error",
          job["state"] == "succeeded" and job["attempt"] == 2 and job["result"] == "attempt 2"
          and job["error"]["message"] == "the first time" and job["error"]["attempt"] == 1, job)

    job = began(submit(jobs, "fail_once", [], max_attempts=1))
    claim("an error tells reason, type, message, stack, attempt and time",
          set(job["error"]) == {"reason", "type", "message", "stack", "attempt", "at"}
          and "Functions.failOnce" in job["error"]["stack"], job)

    job = began(submit(jobs, "charge_card", ["order-1", 0]))
    claim("a function that gives nothing leaves no result", job["state"] == "succeeded" and "result" not in job, job)

    many = [{"function": "an_int", "params": [i], "queue": "default", "priority": 0, "state": "pending",
             "run_at": NOW, "created_at": NOW} for i in range(1000)]
    ids = jobs.insert_many(many, ordered=False).inserted_ids
    poll(lambda: jobs.count_documents({"_id": {"$in": ids}, "state": "succeeded"}) == 1000 or None, 20)
    claim("insert_many submits many", True, None)

    for state in ("pending", "running"):
        cancelled = submit(jobs, "wait_for_ever", [], run_at=NOW + timedelta(hours=1) if state == "pending" else NOW)
        poll(lambda: jobs.find_one({"_id": cancelled, "state": state}), 20)
        jobs.update_one({"_id": cancelled, "state": state}, {"$set": {"cancel_requested": True, "run_at": NOW}})
        job = began(cancelled)
        claim(f"a {state} job is cancelled by cancel_requested", job["state"] == "cancelled", job)

    ahead = submit(jobs, "send_mail", ["you", 1], run_at=NOW + timedelta(hours=1))
    gone = jobs.delete_one({"_id": ahead, "state": "pending"}).deleted_count
    claim("a pending job is taken back by deleting it", gone == 1, gone)

    with client.start_session() as session:
        session.start_transaction()
        db["orders"].insert_one({"_id": 1}, session=session)
        with_commit = jobs.insert_one(many[0] | {"_id": ObjectId(), "params": [7]}, session=session).inserted_id
        session.commit_transaction()
        session.start_transaction()
        with_abort = jobs.insert_one(many[0] | {"_id": ObjectId()}, session=session).inserted_id
        session.abort_transaction()
    claim("a job of a transaction runs after its commit", began(with_commit)["result"] == 7, with_commit)
    claim("a job of a transaction goes with its abort", jobs.find_one({"_id": with_abort}) is None, with_abort)


# Rows ------------------------------------------------------------------------------------------------------------------

def rows_that_run(rows, jobs):
    seconds = int(time.time())
    mail = {"function": "send_mail", "params": ["you", 1], "is_done": False}
    cases = [
        ("a time may be an int", mail | {"time": seconds}),
        ("a time may be a long", mail | {"time": Int64(seconds)}),
        ("a time may be a double", mail | {"time": seconds + 0.25}),
        ("a time may be a decimal", mail | {"time": Decimal128(str(seconds))}),
        ("a time may be a date", mail | {"time": NOW}),
        ("a row may have params and kwargs", mail | {"time": seconds, "params": ["you"], "kwargs": {"times": 1}}),
        ("a row may have kwargs alone", {"function": "send_mail", "kwargs": {"to": "you", "times": 1}, "time": seconds,
                                        "is_done": False}),
        ("null in an optional field is no field", mail | {"time": seconds, "kwargs": None, "cron": None, "every": None,
                                                         "queue": None, "priority": None, "max_attempts": None,
                                                         "timeout": None, "expires_in": None, "enabled": None}),
        ("a row may name queue, priority, limits", mail | {"time": seconds, "queue": "mail", "priority": 5.0,
                                                         "max_attempts": 3, "timeout": "90s", "expires_in": 60}),
    ]
    ids = [rows.insert_one(row | {"x_id": 42, "update_at": "never"}).inserted_id for _, row in cases]
    for (what, row), row_id in zip(cases, ids):
        job_id = job_of(rows, row_id)
        end, done = end_of(jobs, job_id), rows.find_one({"_id": row_id})
        kept = all(done[field] == value for field, value in row.items() if field != "is_done") and done["x_id"] == 42
        claim(what, end["state"] == "succeeded" and end["result"] == "1 mails to you" and kept
              and done["last_time"] == row["time"] and isinstance(done["update_at"], str), (done, end))
    job = jobs.find_one({"_id": job_id})
    claim("the job has what the row says",
          (job["queue"], job["priority"], job["max_attempts"], job["timeout_ms"]) == ("mail", 5, 3, 90_000)
          and job["origin"]["row"] == row_id, job)


def rows_that_recur(rows, jobs):
    seconds = int(time.time())
    mail = {"function": "send_mail", "params": ["you", 1], "is_done": False}
    for what, row in (
        ('every: "30s"', mail | {"time": seconds, "every": "30s"}),
        ("every: 30", mail | {"time": seconds, "every": 30}),
    ):
        row_id = rows.insert_one(row).inserted_id
        seen = poll(lambda: rows.find_one({"_id": row_id, "job_id": {"$exists": True}}), 20)
        claim(f"a row with {what} runs at its time and goes on",
              seen["time"] == seconds + 30 and isinstance(seen["time"], int) and seen["is_done"] is False
              and end_of(jobs, seen["job_id"])["state"] == "succeeded" and len(seen["next"]["times"]) == 5, seen)
        rows.delete_one({"_id": row_id})
    row_id = rows.insert_one(mail | {"cron": "30 3 * * mon-fri", "zone": "Europe/Berlin"}).inserted_id
    seen = poll(lambda: rows.find_one({"_id": row_id, "next.times": {"$exists": True}}), 20)
    claim("a row with cron needs no time", isinstance(seen["time"], datetime) and seen["time"] > NOW, seen)


def rows_that_are_refused(rows, jobs):
    seconds = int(time.time())
    mail = {"function": "send_mail", "params": ["you", 1], "time": seconds, "is_done": False}
    cases = [
        ("params that are no array", mail | {"params": "you"}, "params"),
        ("params that do not fit", mail | {"params": ["you", "one"]}, "params[1]"),
        ("a time that is a text", mail | {"time": "noon"}, "time"),
        ("a time in milliseconds", mail | {"time": seconds * 1000}, "time"),
        ("a time that is missing", {"function": "send_mail", "params": ["you", 1], "is_done": False}, "time"),
        ("a function that nobody has", mail | {"function": "send_fax"}, "function"),
        ("an unreadable cron", mail | {"cron": "61 * * * *"}, "cron"),
        ("an unreadable every", mail | {"every": "soon"}, "every"),
        ("cron and every", mail | {"cron": "* * * * *", "every": "30s"}, None),
        ("a row of two days ago", mail | {"time": seconds - 2 * 86_400}, "time"),
    ]
    ids = [rows.insert_one(row).inserted_id for _, row, _ in cases]
    for (what, _, field), row_id in zip(cases, ids):
        row = poll(lambda: rows.find_one({"_id": row_id, "error": {"$exists": True}}), 20)
        error = row["error"]
        claim(f"a row gets an error for {what}",
              field in (error["field"], None) and {"value", "message", "at"} <= set(error) and "job_id" not in row, row)
    rows.update_one({"_id": ids[1]}, {"$set": {"params": ["you", 1]}})
    done = poll(lambda: rows.find_one({"_id": ids[1], "is_done": True}), 20)
    claim("a row that was corrected runs, and its error is gone",
          "error" not in done and end_of(jobs, done["job_id"])["state"] == "succeeded", done)
    rows.delete_many({"_id": {"$in": ids}})


def main(uri, database):
    with MongoClient(uri, tz_aware=True, uuidRepresentation="standard") as client:
        db = client.get_database(database, write_concern=WriteConcern("majority"))
        rows, jobs = db["crontab_jobs"], db["taskqueue_jobs"]
        stateless = jobs.insert_one({"function": "send_mail", "params": ["you", 1], "run_at": NOW}).inserted_id
        not_ours = rows.insert_one({"function": "send_mail", "params": ["you", 1], "time": int(time.time()),
                                    "is_done": 0}).inserted_id
        rows_that_run(rows, jobs)
        rows_that_recur(rows, jobs)
        rows_that_are_refused(rows, jobs)
        arguments(jobs)
        bad_jobs(jobs)
        good_jobs(client, db, jobs)
        claim("a job without a state is left alone", "attempt" not in jobs.find_one({"_id": stateless}), stateless)
        claim("a row without a boolean is_done is left alone", "job_id" not in rows.find_one({"_id": not_ours}), not_ours)


if __name__ == "__main__":
    main(*sys.argv[1:])
