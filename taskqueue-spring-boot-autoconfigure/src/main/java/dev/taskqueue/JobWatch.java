package dev.taskqueue;

/**
 * Someone is told of jobs, from
 * {@link TaskQueue#watch(String, java.util.function.Consumer)} until this is closed, or
 * the application ends.
 */
public interface JobWatch extends AutoCloseable {

	/**
	 * Ends it. A call of the listener that is under way goes on; no other follows.
	 */
	@Override
	void close();

}
