package dev.taskqueue;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The periodic jobs at run time: the bean to inject. Each is a row of
 * {@code crontab_jobs} whose {@code _id} follows from its name, so all nodes mean the
 * same one; rows that other programs write are never touched. Safe for several threads;
 * takes no part in transactions.
 * <p>
 * A name belongs to one source: to this interface, or to the annotation, the properties,
 * the file or the {@link PeriodicJobProvider} that asks for it.
 * <p>
 * All methods throw a {@link TaskQueueException} if the store does not answer; then it is
 * not known whether it was done.
 */
public interface PeriodicJobs {

	/**
	 * Adds a job, or replaces the one of the name. What is the same stays as it is: a job
	 * that is added again is neither armed anew nor resumed, so it may be added at each
	 * start of each node.
	 * @param job the job
	 * @return the job as it is now
	 * @throws IllegalArgumentException if an argument cannot be stored, or the name
	 * belongs to another source
	 */
	PeriodicJob add(PeriodicJobSpec job);

	/**
	 * Changes a job, of whatever source. That of another source keeps the change until
	 * its source asks for something else in the same field.
	 * @param name its name
	 * @param change sets what is to be different; may be called again if somebody else
	 * changes the job in the same moment
	 * @return the job as it is now
	 * @throws IllegalArgumentException if there is none of the name, or it is not in
	 * order then; the message names the field
	 */
	PeriodicJob change(String name, Consumer<PeriodicJobBuilder> change);

	/**
	 * Pauses a job until {@link #resume}; a restart does not resume it.
	 * @param name its name
	 * @throws IllegalArgumentException if there is none of the name
	 */
	void pause(String name);

	/**
	 * Lets a job go on. What it missed is treated as its {@link Misfire} says.
	 * @param name its name
	 * @throws IllegalArgumentException if there is none of the name, or its source no
	 * longer asks for it
	 */
	void resume(String name);

	/**
	 * Runs it once now, also while it is paused. The schedule goes on as if nothing had
	 * happened.
	 * @param name its name
	 * @return the handle of the job, which is durable then
	 * @throws IllegalArgumentException if there is none of the name, or it is not in
	 * order; the message names the field
	 * @throws DuplicateJobException if another job has its unique key
	 */
	JobHandle<Object> trigger(String name);

	/**
	 * Removes a job that was added here, or that its source no longer asks for. Jobs that
	 * it has become stay.
	 * @param name its name
	 * @return whether there was one
	 * @throws IllegalArgumentException if its source still asks for it: it would come
	 * back
	 */
	boolean remove(String name);

	/**
	 * Reads a job.
	 * @param name its name
	 * @return the job, or empty
	 */
	Optional<PeriodicJob> find(String name);

	/**
	 * Reads all jobs, of all sources. Rows that other programs write are not among them.
	 * @return the jobs, ordered by name
	 */
	List<PeriodicJob> list();

}
