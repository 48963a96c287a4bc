// Inserts a row of crontab_jobs and two jobs, waits for their ends and reads what they gave.
//
//     node submit.mjs 'mongodb://localhost/?replicaSet=rs0' app
import { setTimeout as sleep } from "node:timers/promises";
import { MongoClient, ObjectId } from "mongodb";

const ENDS = ["succeeded", "failed", "cancelled", "expired"];

/** Inserts a job that is due now, unless the fields say otherwise. Returns its id. */
async function submit(jobs, fn, params, fields = {}) {
  const now = new Date();
  const job = {
    _id: new ObjectId(), function: fn, params, queue: "default", priority: 0,
    state: "pending", run_at: now, created_at: now, ...fields,
  };
  try {
    await jobs.insertOne(job);
  } catch (error) {
    // An id of your own that is there already: the job was submitted before.
    if (error.code !== 11000 || !error.keyPattern?._id) throw error;
  }
  return job._id;
}

/** Looks ever less often until there is something: after 10 ms, 20 ms, ... at last each 250 ms. */
async function poll(look, timeoutMs) {
  const deadline = performance.now() + timeoutMs;
  for (let pause = 10; ; pause = Math.min(2 * pause, 250)) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`nothing after ${timeoutMs} ms`);
    await sleep(pause);
  }
}

/** Waits until a job has ended. Returns its state, and its result or its error. */
function endOf(jobs, jobId, timeoutMs = 30_000) {
  return poll(async () => {
    const job = await jobs.findOne({ _id: jobId }, { projection: { state: 1, result: 1, error: 1 } });
    if (!job) throw new Error(`there is no job ${jobId}, or no more: its retention is over`);
    return ENDS.includes(job.state) && job;
  }, timeoutMs);
}

/** Waits until a row has become a job. Returns the job's id. */
function jobOf(rows, rowId, timeoutMs = 30_000) {
  return poll(async () => {
    const row = await rows.findOne({ _id: rowId }, { projection: { is_done: 1, job_id: 1, error: 1 } });
    if (!row) throw new Error(`there is no row ${rowId}`);
    if (row.error) throw new Error(row.error.message);
    return row.is_done && row.job_id;
  }, timeoutMs);
}

function tell(end) {
  const told = end.state === "succeeded" ? end.result : `${end.error?.reason}: ${end.error?.message}`;
  console.log(`job ${end._id} ${end.state}: ${told}`);
}

const [uri, database] = process.argv.slice(2);
const client = new MongoClient(uri);
try {
  const db = client.db(database, { writeConcern: { w: "majority" }, readConcern: { level: "majority" } });
  const rows = db.collection("crontab_jobs");
  const jobs = db.collection("taskqueue_jobs");

  const { insertedId: rowId } = await rows.insertOne({
    name: "Mail from Node", function: "send_mail", params: ["ann@example.org"], kwargs: { times: 1 },
    time: new Date(), is_done: false,
  });
  const mailId = await submit(jobs, "send_mail", ["you@example.com", 3], { priority: 5 });
  // Under an id of your own, a submit that is done twice is one job.
  const chargeId = `charge-${new ObjectId()}`;
  for (let i = 0; i < 2; i++) {
    await submit(jobs, "charge_card", ["order-17", 99.5], { _id: chargeId, max_attempts: 1 });
  }

  const rowJobId = await jobOf(rows, rowId);
  console.log(`row ${rowId} became job ${rowJobId}`);
  for (const jobId of [rowJobId, mailId, chargeId]) tell(await endOf(jobs, jobId));
} finally {
  await client.close();
}
