// BullMQ on Redis. Setting "concurrency-100": one worker with as much concurrency; jobs are removed when they have ended.
import { Queue, Worker } from 'bullmq';
import { env, run, setting, started } from './bench.mjs';

const concurrency = Number(/^concurrency-(\d+)$/.exec(setting)?.[1]);
if (!concurrency) throw new Error(`No setting '${setting}'`);

const url = new URL(env('REDIS_URI'));
const connection = { host: url.hostname, port: Number(url.port), maxRetriesPerRequest: null };
const job = sample => ({ name: 'no-op', data: { sample }, opts: { removeOnComplete: true } });
const batch = 1000;

const queue = new Queue('bench', { connection });
let worker;

await run({
  packageName: 'bullmq',
  warmUp: 2000,
  submit: sample => queue.add('no-op', { sample }, { removeOnComplete: true }),
  submitAll: async jobs => {
    for (let left = jobs; left > 0; left -= batch) {
      await queue.addBulk(Array.from({ length: Math.min(batch, left) }, () => job(-1)));
    }
  },
  start: () => {
    worker = new Worker('bench', async ({ data }) => started(data.sample), { connection, concurrency, autorun: false });
    worker.run();
  },
  stop: () => worker.close(),
});
