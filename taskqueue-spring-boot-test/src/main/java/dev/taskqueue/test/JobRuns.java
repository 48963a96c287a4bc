package dev.taskqueue.test;

import java.util.List;

import dev.taskqueue.Job;

/** How jobs are run and found in one of the modes. */
interface JobRuns {

	/** The jobs since the last {@link #reset}, in the order in which they came to be. */
	List<Job> jobs();

	/** Pending jobs whose time is to come, and which can run then. */
	List<Job> scheduled();

	/**
	 * Has all that is due run.
	 * @return how many attempts were made
	 * @throws IllegalStateException if more than that were, or not all could be
	 */
	int runDue(int most);

	/** Whether jobs wait for {@link #runDue}. */
	void hold(boolean held);

	/**
	 * Begins anew.
	 * @return whether the clock may go back
	 */
	boolean reset();

}
