package dev.taskqueue;

import java.util.List;

/**
 * Says which periodic jobs there are: a bean whose list is asked for every
 * {@code taskqueue.crontab.sync-interval} (10 seconds), by one of the nodes that have it.
 * What is new in the list is added, what is different is changed, and what is no longer
 * there is disabled; what is the same is left alone.
 */
@FunctionalInterface
public interface PeriodicJobProvider {

	/**
	 * The jobs as they should be now. Called in a thread of its own, never twice at once
	 * on one node.
	 * @return the jobs, of different names
	 * @throws Exception if the jobs cannot be told now: all stay as they were, and the
	 * log says so once
	 */
	List<PeriodicJobSpec> jobs() throws Exception;

}
