package dev.taskqueue.claim;

import java.util.function.Consumer;

import dev.taskqueue.store.JobDocument;

/**
 * A place at this worker for a job that is not inserted yet: it is to be inserted as
 * running, under this worker and this token. Then either {@link #begin} or
 * {@link #giveUp} is called, once.
 */
public final class Reservation {

	private final String queue;

	private final String worker;

	private final String token;

	private final HeldTokens tokens;

	private final Slots slots;

	private final Consumer<Claim> begin;

	Reservation(String queue, String worker, String token, HeldTokens tokens, Slots slots, Consumer<Claim> begin) {
		this.queue = queue;
		this.worker = worker;
		this.token = token;
		this.tokens = tokens;
		this.slots = slots;
		this.begin = begin;
	}

	/**
	 * The worker that runs the job.
	 * @return the worker's id
	 */
	public String worker() {
		return this.worker;
	}

	/**
	 * The token of the claim.
	 * @return the token
	 */
	public String token() {
		return this.token;
	}

	/**
	 * The job is durable: it is run. Returns at once.
	 * @param job as it was before the claim
	 */
	public void begin(JobDocument job) {
		this.begin.accept(new Claim(job, this.worker, this.token, this.slots, this.tokens));
	}

	/**
	 * The job is not run here.
	 * @param id the job's id
	 * @param mayExist whether it may be inserted all the same: then it is given back
	 */
	public void giveUp(Object id, boolean mayExist) {
		this.slots.unreserve(this.queue);
		if (mayExist) {
			this.tokens.lose(this.token, id);
		}
		else {
			this.tokens.settle(this.token);
		}
	}

}
