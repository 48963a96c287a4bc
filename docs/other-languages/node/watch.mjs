// Prints each job that ends, when it ends: one change stream for all jobs. Wants a replica set.
//
//     node watch.mjs 'mongodb://localhost/?replicaSet=rs0' app
import { MongoClient } from "mongodb";

const ENDS = ["succeeded", "failed", "cancelled", "expired"];

const [uri, database] = process.argv.slice(2);
const client = new MongoClient(uri);
try {
  const changes = client.db(database).collection("taskqueue_jobs").watch([
    { $match: { operationType: "update", "updateDescription.updatedFields.state": { $in: ENDS } } },
    { $project: { documentKey: 1, "updateDescription.updatedFields": 1 } },
  ]);
  let change = await changes.tryNext(); // opens the stream: what ends from here on is told
  console.log("watching");
  for (;; change = await changes.next()) {
    if (!change) continue;
    const job = change.updateDescription.updatedFields;
    console.log(`job ${change.documentKey._id} ${job.state}: ${job.state === "succeeded" ? job.result : job.error?.message}`);
  }
} finally {
  await client.close();
}
