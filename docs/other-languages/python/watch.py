"""Prints each job that ends, when it ends: one change stream for all jobs. Wants a replica set.

    python watch.py 'mongodb://localhost/?replicaSet=rs0' app
"""
import sys

from pymongo import MongoClient

ENDS = ["succeeded", "failed", "cancelled", "expired"]


def main(uri, database):
    with MongoClient(uri) as client:
        ends = [
            {"$match": {"operationType": "update", "updateDescription.updatedFields.state": {"$in": ENDS}}},
            {"$project": {"documentKey": 1, "updateDescription.updatedFields": 1}},
        ]
        with client[database]["taskqueue_jobs"].watch(ends) as changes:
            print("watching", flush=True)  # what ends from here on is told
            for change in changes:
                job = change["updateDescription"]["updatedFields"]
                told = job.get("result") if job["state"] == "succeeded" else job.get("error", {}).get("message")
                print(f"job {change['documentKey']['_id']} {job['state']}: {told}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
