package dev.taskqueue.benchmark;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

import dev.taskqueue.TaskQueue;

/**
 * Submits, drains and latencies, beside those of the bare driver on the same server.
 */
final class Core implements Suite {

	private static final int WARM_UP = 20_000;

	private static final int ALONE = 2000;

	/**
	 * A thread that mostly waits runs little code, and the JVM compiles what runs often.
	 */
	private static final int UNTIL_COMPILED = 10_000;

	private static final int TOGETHER = 16_000;

	private static final int SETTLE = 100;

	private static final Duration PAUSE = Duration.ofMillis(20);

	private final Figures ours;

	private final Figures bare;

	/** Jobs a second. */
	private int halfLoad;

	Core() {
		this("taskqueue", "bare");
	}

	Core(String ours, String bare) {
		this.ours = new Figures(ours);
		this.bare = new Figures(bare);
	}

	@Override
	public void run(Settings settings) {
		try (Store store = new Store(settings)) {
			warmUp(settings, store);
			Bare bare = new Bare(store.database(), "bare");
			submit(settings, store, bare);
			drain(settings, store, bare);
			latency(settings, bare);
		}
	}

	private static void warmUp(Settings settings, Store store) {
		Bare bare = new Bare(store.database(), "warm");
		bare.insertMany(WARM_UP);
		Load.rate(64, TOGETHER, bare::insert);
		bare.drain();
		Functions.expect(0);
		// a node that also works claims jobs as it inserts them, by other code
		try (Node node = Node.submitting(settings)) {
			Load.rate(64, TOGETHER, (i) -> node.queue().enqueue("noop", i));
		}
		try (Node node = Node.working(settings)) {
			node.submitMany(WARM_UP);
			Load.rate(64, TOGETHER, (i) -> node.queue().enqueue("noop", i));
			Load.await("the warm-up", () -> Functions.ran() == WARM_UP + 2 * TOGETHER && store.isNothingRunning());
		}
		store.clear();
	}

	private void submit(Settings settings, Store store, Bare bare) {
		try (Node node = Node.submitting(settings)) {
			TaskQueue queue = node.queue();
			IntConsumer submit = (i) -> queue.enqueue("noop", i);
			tell("submit-1-first", Load.ratesInTurn(ALONE, bare::insert, submit));
			Load.ratesInTurn(UNTIL_COMPILED, bare::insert, submit);
			tell("submit-1", Load.ratesInTurn(ALONE, bare::insert, submit));
			for (int threads : new int[] { 16, 64 }) {
				tell("submit-" + threads, Load.ratesInTurn(threads, TOGETHER, bare::insert, submit));
			}
			bare.clear();
			store.clear();
			long began = System.nanoTime();
			bare.insertMany(settings.jobs());
			this.bare.tell("submit-bulk", Load.perSecond(settings.jobs(), System.nanoTime() - began));
			began = System.nanoTime();
			node.submitMany(settings.jobs());
			this.ours.tell("submit-bulk", Load.perSecond(settings.jobs(), System.nanoTime() - began));
		}
	}

	private void tell(String figure, double[] bareAndOurs) {
		this.bare.tell(figure, bareAndOurs[0]);
		this.ours.tell(figure, bareAndOurs[1]);
	}

	private void drain(Settings settings, Store store, Bare bare) {
		int jobs = settings.jobs();
		Store.Traffic before = store.traffic();
		long began = System.nanoTime();
		int drained = bare.drain();
		this.bare.tell("drain", Load.perSecond(drained, System.nanoTime() - began));
		tellTraffic(this.bare, store.traffic().since(before), jobs);
		Functions.expect(0);
		try (Node node = Node.working(settings)) {
			before = store.traffic();
			long cpu = Load.cpuNanos();
			awaitAll(store, jobs);
			this.ours.tell("drain", Load.perSecond(jobs, System.nanoTime() - Functions.first()));
			this.ours.tell("drain-cpu-node-us-per-job", (Load.cpuNanos() - cpu) / 1e3 / jobs);
			tellTraffic(this.ours, store.traffic().since(before), jobs);
			this.ours.tell("memory", Memory.residentMegabytes());
			this.ours.tell("memory-server", store.residentMegabytes());
			store.check(jobs);
			bare.clear();
			began = System.nanoTime();
			bare.insertMany(jobs);
			drained = bare.drain();
			this.bare.tell("cycle", Load.perSecond(drained, System.nanoTime() - began));
			store.clear();
			Functions.expect(0);
			began = System.nanoTime();
			node.submitMany(jobs);
			awaitAll(store, jobs);
			double cycle = Load.perSecond(jobs, System.nanoTime() - began);
			this.ours.tell("cycle", cycle);
			this.halfLoad = (int) (cycle / 2);
			store.check(jobs);
		}
		bare.clear();
		store.clear();
	}

	/** Those who measure ask too, so it is a little less. */
	private static void tellTraffic(Figures figures, Store.Traffic traffic, int jobs) {
		figures.tell("drain-trips-per-1000", traffic.requests() * 1000.0 / jobs);
		figures.tell("drain-bytes-per-job", (double) traffic.bytes() / jobs);
		figures.tell("drain-cpu-server-us-per-job", (double) traffic.cpu() / jobs);
	}

	static void awaitAll(Store store, long jobs) {
		Load.await("all jobs to run", () -> Functions.ran() >= jobs);
		Load.await("all outcomes to be stored", store::isNothingRunning);
	}

	private void latency(Settings settings, Bare bare) {
		long[] inserts = new long[settings.samples()];
		for (int i = 0; i < inserts.length; i++) {
			Load.pauseAbout(PAUSE);
			long before = System.nanoTime();
			bare.insert(i);
			inserts[i] = System.nanoTime() - before;
		}
		this.bare.tellTimes("insert", inserts);
		try (Node node = Node.working(settings)) {
			this.ours.tellTimes("start", untilStart(settings, node.queue()));
			this.ours.tellTimes("lateness", lateness(settings, node.queue()));
			this.ours.tellTimes("start-half-load", atHalfLoad(settings, node.queue()));
			try (Node other = Node.submitting(settings)) {
				this.ours.tellTimes("start-elsewhere", untilStart(settings, other.queue()));
			}
		}
	}

	/**
	 * From before a submit on an idle system to the first line of the function. Not of
	 * the first ones: the nodes have just started.
	 */
	static long[] untilStart(Settings settings, TaskQueue queue) {
		Functions.expect(SETTLE + settings.samples());
		long[] nanos = new long[settings.samples()];
		for (int i = -SETTLE; i < nanos.length; i++) {
			int sample = SETTLE + i;
			Load.pauseAbout(PAUSE);
			long before = System.nanoTime();
			queue.enqueue("noop", sample);
			Load.await("a job to start", () -> Functions.startedAt(sample) != 0);
			if (i >= 0) {
				nanos[i] = Functions.startedAt(sample) - before;
			}
		}
		return nanos;
	}

	/** From the moment at which a job is due, some seconds ahead, to its first line. */
	private static long[] lateness(Settings settings, TaskQueue queue) {
		Functions.expect(settings.samples());
		long[] nanos = new long[settings.samples()];
		Instant[] due = new Instant[nanos.length];
		Instant now = Instant.now();
		long nanoTime = System.nanoTime();
		for (int i = 0; i < nanos.length; i++) {
			due[i] = now.plusSeconds(2).plusMillis(PAUSE.multipliedBy(i).toMillis());
			queue.job("noop", i).at(due[i]).enqueue();
		}
		for (int i = 0; i < nanos.length; i++) {
			int sample = i;
			Load.await("a job of later to start", () -> Functions.startedAt(sample) != 0);
			nanos[i] = Functions.startedAt(i) - nanoTime - Duration.between(now, due[i]).toNanos();
		}
		return nanos;
	}

	/** As {@link #untilStart}, in a queue of its own, while half of what a cycle runs. */
	private long[] atHalfLoad(Settings settings, TaskQueue queue) {
		AtomicBoolean over = new AtomicBoolean();
		Thread load = new Thread(() -> {
			int batch = Math.max(1, this.halfLoad / 20);
			for (long next = System.nanoTime(); !over.get(); next += 50_000_000) {
				queue.enqueueAll(IntStream.range(0, batch).mapToObj((i) -> queue.job("noop", -1).spec()));
				Load.pause(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
			}
		}, "half-load");
		load.start();
		try {
			Load.pause(Duration.ofSeconds(2));
			long[] nanos = new long[settings.samples()];
			for (int i = 0; i < nanos.length; i++) {
				Load.pauseAbout(PAUSE);
				nanos[i] = Functions.untilProbeStarts(queue);
			}
			return nanos;
		}
		finally {
			over.set(true);
			Load.join(load);
		}
	}

}
