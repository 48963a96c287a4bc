package dev.taskqueue;

import org.jspecify.annotations.Nullable;

/**
 * The worker of this application, to be changed while it runs: a bean where there is one.
 * What is said here is forgotten when the worker ends. Safe for several threads.
 */
public interface WorkerControl {

	/**
	 * The worker's present identity.
	 * @return the id of its document; null until it has one
	 */
	@Nullable String workerId();

	/**
	 * The most attempts at a time.
	 * @return the number; 0 until the worker runs
	 */
	int concurrency();

	/**
	 * Changes the most attempts at a time, at once. What runs is not interrupted: with
	 * fewer slots, as many attempts end first. Bounds of single queues stay as they are.
	 * @param concurrency from 1
	 * @return false if the worker does not run (yet)
	 * @throws IllegalArgumentException if the number is less than 1
	 */
	boolean concurrency(int concurrency);

	/**
	 * Has the worker take no jobs any more, or take them again. What runs goes on; what
	 * was taken and not begun is given back.
	 * @param quiet whether it is to take none
	 * @return false if the worker does not run (yet)
	 */
	boolean quiet(boolean quiet);

	/**
	 * Whether the worker was told to take no jobs.
	 * @return true if so
	 */
	boolean isQuiet();

}
