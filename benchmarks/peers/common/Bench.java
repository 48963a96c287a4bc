import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The order of measurements that all peers share, for those in Java. The same is told in {@code bench.mjs},
 * {@code bench.go} and {@code bench.py}: a change here is a change there.
 */
final class Bench {

	/** What a peer must be able to do. Its handler calls {@link Bench#started} in its first line. */
	interface Peer {

		/** One call for one job, which returns when the job is acknowledged. The number goes to the handler. */
		void submit(int sample) throws Exception;

		/** So many jobs with the number -1 in the peer's own bulk way. */
		void submitAll(int jobs) throws Exception;

		void start() throws Exception;

		void stop() throws Exception;

		/** A class from the jar whose name tells the version. */
		Class<?> versioned();

		/** Jobs to run before anything is measured. */
		int warmUp();

		/** How long to wait between two samples, on average. */
		default int pauseMillis() {
			return 60;
		}

	}

	private interface Step {

		void run() throws Exception;

	}

	static final String SETTING = System.getenv().getOrDefault("SETTING", "");

	private static final int JOBS = Integer.parseInt(System.getenv().getOrDefault("JOBS", "50000"));

	private static final int SAMPLES = Integer.parseInt(System.getenv().getOrDefault("SAMPLES", "300"));

	private static final AtomicInteger ran = new AtomicInteger();

	private static final AtomicLongArray startedAt = new AtomicLongArray(SAMPLES);

	private Bench() {
	}

	static String env(String name) {
		String value = System.getenv(name);
		if (value == null) {
			throw new IllegalStateException("The environment has no " + name);
		}
		return value;
	}

	/** The handler's first and only line. */
	static void started(int sample) {
		long now = System.nanoTime();
		if (sample >= 0) {
			startedAt.set(sample, now);
		}
		ran.incrementAndGet();
	}

	static void run(Peer peer) throws Exception {
		System.out.println("VERSION " + version(peer.versioned()));
		peer.submitAll(peer.warmUp());
		peer.start();
		awaitRan(peer.warmUp());
		Thread.sleep(500); // outcomes on their way to the store
		peer.stop();
		ran.set(0);

		int by1 = Math.min(2000, JOBS / 10);
		int by16 = Math.min(8000, JOBS / 5);
		int by64 = Math.min(16000, JOBS / 5);
		int bulk = JOBS - by1 - by16 - by64;
		figure("submit-1", rate(1, by1, () -> peer.submit(-1)));
		figure("submit-16", rate(16, by16, () -> peer.submit(-1)));
		figure("submit-64", rate(64, by64, () -> peer.submit(-1)));
		long from = System.nanoTime();
		peer.submitAll(bulk);
		figure("submit-bulk", perSecond(bulk, from));

		from = System.nanoTime();
		peer.start();
		awaitRan(JOBS);
		figure("drain", perSecond(JOBS, from));
		figure("memory", residentMegabytes());

		from = System.nanoTime();
		peer.submitAll(JOBS);
		awaitRan(2 * JOBS);
		figure("cycle", perSecond(JOBS, from));

		Thread.sleep(2000);
		sampleStarts(peer);
		peer.stop();
	}

	/** From before the call to the handler's first line, after pauses of random length so that no phase of a poll is favoured. */
	private static void sampleStarts(Peer peer) throws Exception {
		long[] nanos = new long[SAMPLES];
		for (int i = 0; i < SAMPLES; i++) {
			Thread.sleep((long) (peer.pauseMillis() * (0.5 + ThreadLocalRandom.current().nextDouble())));
			nanos[i] = System.nanoTime();
			peer.submit(i);
		}
		awaitRan(2 * JOBS + SAMPLES);
		for (int i = 0; i < SAMPLES; i++) {
			nanos[i] = startedAt.get(i) - nanos[i];
		}
		Arrays.sort(nanos);
		figure("start-p50", quantile(nanos, 0.5));
		figure("start-p95", quantile(nanos, 0.95));
		figure("start-p99", quantile(nanos, 0.99));
		figure("start-max", quantile(nanos, 1));
	}

	private static double quantile(long[] sorted, double share) {
		return sorted[(int) Math.ceil(share * sorted.length) - 1] / 1e6;
	}

	private static void awaitRan(int jobs) throws InterruptedException {
		while (ran.get() < jobs) {
			Thread.sleep(2);
		}
	}

	private static double perSecond(int jobs, long from) {
		return jobs * 1e9 / (System.nanoTime() - from);
	}

	private static double rate(int threads, int steps, Step step) throws Exception {
		AtomicInteger left = new AtomicInteger(steps);
		AtomicReference<Throwable> failure = new AtomicReference<>();
		CountDownLatch done = new CountDownLatch(threads);
		long from = System.nanoTime();
		for (int i = 0; i < threads; i++) {
			new Thread(() -> {
				try {
					while (left.getAndDecrement() > 0) {
						step.run();
					}
				}
				catch (Throwable ex) {
					failure.set(ex);
				}
				finally {
					done.countDown();
				}
			}).start();
		}
		done.await();
		if (failure.get() != null) {
			throw new IllegalStateException(failure.get());
		}
		return perSecond(steps, from);
	}

	private static double residentMegabytes() throws IOException {
		for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
			if (line.startsWith("VmRSS:")) {
				return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
			}
		}
		throw new IllegalStateException("No VmRSS in /proc/self/status");
	}

	/** From the jar's name, NAME-VERSION.jar. */
	private static String version(Class<?> type) {
		try {
			String jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).getFileName().toString();
			return jar.replaceFirst("^.*?-(\\d.*)\\.jar$", "$1");
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void figure(String name, double value) {
		System.out.println(String.format(Locale.ROOT, "FIGURE %s %.2f", name, value));
	}

}
