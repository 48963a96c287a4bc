// The order of measurements that all peers share, for those on Node: told in Bench.java.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export const setting = process.env.SETTING ?? '';
const jobs = Number(process.env.JOBS ?? 50000);
const samples = Number(process.env.SAMPLES ?? 300);
const pauseMillis = 60;

let ran = 0;
const startedAt = Array(samples);

export function env(name) {
  if (!process.env[name]) throw new Error(`The environment has no ${name}`);
  return process.env[name];
}

/** The handler's first and only line. */
export function started(sample) {
  if (sample >= 0) startedAt[sample] = now();
  ran++;
}

/**
 * What a peer must be able to do: submit(sample) one job, submitAll(jobs) where it has a bulk call, start(), stop(); it names the
 * package that tells the version, and how many jobs to run before anything is measured. Here a "thread" is a loop that awaits.
 */
export async function run({ packageName, warmUp, submit, submitAll, start, stop }) {
  const installed = new URL(`node_modules/${packageName}/package.json`, import.meta.url);
  console.log(`VERSION ${JSON.parse(readFileSync(installed)).version}`);
  // Without a bulk call, 64 loops are the fastest way.
  const submitMany = submitAll ?? (n => rate(64, n, () => submit(-1)));
  await submitMany(warmUp);
  await start();
  await ranAll(warmUp);
  await sleep(500); // outcomes on their way to the store
  await stop();
  ran = 0;

  const by1 = Math.min(2000, Math.floor(jobs / 10)), by16 = Math.min(8000, Math.floor(jobs / 5));
  const by64 = submitAll ? Math.min(16000, Math.floor(jobs / 5)) : jobs - by1 - by16;
  figure('submit-1', await rate(1, by1, () => submit(-1)));
  figure('submit-16', await rate(16, by16, () => submit(-1)));
  figure('submit-64', await rate(64, by64, () => submit(-1)));
  if (submitAll) {
    const bulk = jobs - by1 - by16 - by64, from = now();
    await submitAll(bulk);
    figure('submit-bulk', perSecond(bulk, from));
  }

  let from = now();
  await start();
  await ranAll(jobs);
  figure('drain', perSecond(jobs, from));
  figure('memory', Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024);

  from = now();
  await submitMany(jobs);
  await ranAll(2 * jobs);
  figure('cycle', perSecond(jobs, from));

  await sleep(2000);
  await sampleStarts(submit);
  process.exit(0);
}

/** From before the call to the handler's first line, after pauses of random length so that no phase of a poll is favoured. */
async function sampleStarts(submit) {
  const sentAt = [];
  for (let i = 0; i < samples; i++) {
    await sleep(pauseMillis * (0.5 + Math.random()));
    sentAt.push(now());
    await submit(i);
  }
  await ranAll(2 * jobs + samples);
  const millis = startedAt.map((at, i) => Number(at - sentAt[i]) / 1e6).sort((a, b) => a - b);
  const quantile = share => millis[Math.ceil(share * samples) - 1];
  figure('start-p50', quantile(0.5));
  figure('start-p95', quantile(0.95));
  figure('start-p99', quantile(0.99));
  figure('start-max', quantile(1));
}

async function rate(loops, steps, step) {
  let left = steps;
  const from = now();
  await Promise.all(Array.from({ length: loops }, async () => {
    while (left-- > 0) await step();
  }));
  return perSecond(steps, from);
}

async function ranAll(n) {
  while (ran < n) await sleep(2);
}

function now() {
  return process.hrtime.bigint();
}

function perSecond(n, from) {
  return n / (Number(now() - from) / 1e9);
}

function figure(name, value) {
  console.log(`FIGURE ${name} ${value.toFixed(2)}`);
}
