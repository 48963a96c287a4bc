package dev.taskqueue.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

import dev.taskqueue.TaskQueue;
import dev.taskqueue.TaskQueueException;
import org.awaitility.Awaitility;

/**
 * Threads that submit jobs all the time, whatever happens to the server, and keep what
 * was promised to them.
 */
final class Submitting implements AutoCloseable {

	private static final int THREADS = 4;

	/** So that the machine has time for others than those who submit. */
	private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

	private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();

	private final Queue<TaskQueueException> refused = new ConcurrentLinkedQueue<>();

	private final Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();

	private final List<Thread> threads = new ArrayList<>();

	private volatile boolean stopped;

	static Submitting to(TaskQueue queue) {
		Submitting submitting = new Submitting();
		for (int i = 0; i < THREADS; i++) {
			Thread thread = new Thread(() -> submitting.submit(queue), "submitting-" + i);
			submitting.threads.add(thread);
			thread.start();
		}
		return submitting;
	}

	private void submit(TaskQueue queue) {
		while (!this.stopped) {
			try {
				this.acknowledged.add(queue.enqueue("count").id());
			}
			catch (TaskQueueException ex) {
				this.refused.add(ex);
			}
			catch (RuntimeException | Error ex) {
				this.unexpected.add(ex);
			}
			LockSupport.parkNanos(this, PAUSE_NANOS);
		}
	}

	/** Waits until so many more jobs are acknowledged. */
	void awaitMore(int count) {
		int before = this.acknowledged.size();
		Awaitility.await(count + " more jobs to be acknowledged after " + before)
			.atMost(Duration.ofSeconds(60))
			.until(() -> this.acknowledged.size() >= before + count);
	}

	/** What was promised to run. */
	List<String> acknowledged() {
		return List.copyOf(this.acknowledged);
	}

	/** What was not promised, in the words that are there for it. */
	List<TaskQueueException> refused() {
		return List.copyOf(this.refused);
	}

	/** Whatever else a submit threw. */
	List<Throwable> unexpected() {
		return List.copyOf(this.unexpected);
	}

	/** Ends when the submits that are under way have ended. */
	void stop() {
		this.stopped = true;
		for (Thread thread : this.threads) {
			try {
				thread.join();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
	}

	@Override
	public void close() {
		stop();
	}

}
