// Agenda on MongoDB. Both settings look for jobs every 100 ms and run 100 at once; "changestream" is woken by a change stream too.
import { Agenda } from 'agenda';
import { MongoBackend, MongoChangeStreamNotificationChannel } from '@agendajs/mongo-backend';
import { MongoClient } from 'mongodb';
import { env, run, setting, started } from './bench.mjs';

if (!['poll-100ms', 'changestream'].includes(setting)) throw new Error(`No setting '${setting}'`);

const client = await MongoClient.connect(env('MONGODB_URI'));
const db = client.db('agenda');

function newAgenda() {
  const agenda = new Agenda({
    backend: new MongoBackend({ mongo: db }),
    processEvery: 100,
    maxConcurrency: 100,
    defaultConcurrency: 100,
    ...(setting === 'changestream' ? { notificationChannel: new MongoChangeStreamNotificationChannel({ db }) } : {}),
  });
  agenda.define('no-op', async job => started(job.attrs.data.sample));
  agenda.on('error', e => console.error(e.message));
  return agenda;
}

const producer = newAgenda();
await producer.ready;
let worker;

await run({
  packageName: 'agenda',
  warmUp: 500,
  submit: sample => producer.now('no-op', { sample }),
  start: () => (worker = newAgenda()).start(),
  stop: () => worker.stop(false),
});
