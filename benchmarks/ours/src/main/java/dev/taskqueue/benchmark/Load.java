package dev.taskqueue.benchmark;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

import com.sun.management.OperatingSystemMXBean;

/** Ways to call something often, and to wait. */
final class Load {

	private static final Duration PATIENCE = Duration.ofMinutes(10);

	private static final int PORTION = 4000;

	private Load() {
	}

	/** Calls from so many threads; returns calls a second. */
	static double rate(int threads, int calls, IntConsumer call) {
		return perSecond(calls, nanos(threads, calls, call));
	}

	private static long nanos(int threads, int calls, IntConsumer call) {
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			AtomicInteger next = new AtomicInteger();
			AtomicLong began = new AtomicLong();
			CyclicBarrier started = new CyclicBarrier(threads, () -> began.set(System.nanoTime()));
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				futures.add(executor.submit(() -> {
					started.await();
					for (int n = next.getAndIncrement(); n < calls; n = next.getAndIncrement()) {
						call.accept(n);
					}
					return null;
				}));
			}
			for (Future<?> future : futures) {
				future.get();
			}
			return System.nanoTime() - began.get();
		}
		catch (InterruptedException | ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * Calls two things in turn from one thread, so that both meet the same server;
	 * returns calls a second of each.
	 */
	static double[] ratesInTurn(int calls, IntConsumer one, IntConsumer other) {
		long nanosOfOne = 0;
		long nanosOfOther = 0;
		for (int i = 0; i < calls; i++) {
			long began = System.nanoTime();
			one.accept(i);
			long between = System.nanoTime();
			other.accept(i);
			nanosOfOne += between - began;
			nanosOfOther += System.nanoTime() - between;
		}
		return new double[] { perSecond(calls, nanosOfOne), perSecond(calls, nanosOfOther) };
	}

	/** The same from many threads, a portion of one and a portion of the other. */
	static double[] ratesInTurn(int threads, int calls, IntConsumer one, IntConsumer other) {
		long nanosOfOne = 0;
		long nanosOfOther = 0;
		for (int left = calls; left > 0; left -= PORTION) {
			nanosOfOne += nanos(threads, Math.min(left, PORTION), one);
			nanosOfOther += nanos(threads, Math.min(left, PORTION), other);
		}
		return new double[] { perSecond(calls, nanosOfOne), perSecond(calls, nanosOfOther) };
	}

	/** The CPU time of this process. */
	static long cpuNanos() {
		return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
	}

	static double perSecond(long count, long nanos) {
		return count * 1e9 / nanos;
	}

	/** So that no phase of anything is favoured. */
	static void pauseAbout(Duration pause) {
		pause(Duration.ofNanos(ThreadLocalRandom.current().nextLong(pause.toNanos() / 2, pause.toNanos() * 3 / 2)));
	}

	static void pause(Duration pause) {
		long end = System.nanoTime() + pause.toNanos();
		for (long left = pause.toNanos(); left > 0; left = end - System.nanoTime()) {
			LockSupport.parkNanos(left);
		}
	}

	static void join(Thread thread) {
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static void await(String what, BooleanSupplier condition) {
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - end > 0) {
				throw new IllegalStateException("Waited for " + what + " longer than " + PATIENCE);
			}
			LockSupport.parkNanos(1_000_000);
		}
	}

}
