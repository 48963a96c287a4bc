package dev.taskqueue.claim;

import java.util.List;
import java.util.Map;

import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A job that this worker holds: the right to run it and to write its outcome.
 */
public final class Claim {

	private final JobDocument job;

	private final String worker;

	private final String token;

	private final Slots slots;

	private final HeldTokens tokens;

	private int slot = Slots.NONE;

	private boolean settled;

	private volatile @Nullable Document kept;

	private @Nullable Runnable afterwards;

	Claim(JobDocument job, String worker, String token, Slots slots, HeldTokens tokens) {
		this.job = job;
		this.worker = worker;
		this.token = token;
		this.slots = slots;
		this.tokens = tokens;
	}

	/**
	 * The claim of a job that is not in the store, so that nobody else can have it.
	 * @param job the job
	 * @param worker who runs it
	 * @return the claim, with a slot of its own
	 */
	public static Claim alone(JobDocument job, String worker) {
		Slots slots = new Slots(1, Map.of(), QueueWeights.EQUAL, (queue) -> {
		}, () -> {
		});
		Claim claim = new Claim(job, worker, new ObjectId().toHexString(), slots, new HeldTokens());
		slots.take(List.of(claim));
		return claim;
	}

	/**
	 * The job as it was before the claim.
	 * @return the job; {@link #attempt()} counts the claim, its own {@code attempt} does
	 * not
	 */
	public JobDocument job() {
		return this.job;
	}

	/**
	 * The number of the attempt that the claim allows.
	 * @return from 1
	 */
	public int attempt() {
		return this.job.attempt() + 1;
	}

	/**
	 * The identity under which it was claimed: it must not begin under another.
	 * @return the worker's id
	 */
	public String worker() {
		return this.worker;
	}

	/**
	 * The token that each write of this attempt must match.
	 * @return the token
	 */
	public String token() {
		return this.token;
	}

	/**
	 * The number of the slot that the attempt runs in.
	 * @return from 1 to the worker's concurrency
	 */
	public int slot() {
		return this.slot;
	}

	/**
	 * Has fields set together with the outcome, whatever that is.
	 * @param fields what the attempt said of itself and is not stored yet, or null
	 */
	public void keep(@Nullable Document fields) {
		this.kept = fields;
	}

	/**
	 * What is to be set together with the outcome.
	 * @return the fields, or null mostly
	 */
	public @Nullable Document kept() {
		return this.kept;
	}

	/**
	 * Frees the slot, or hands it to a claim that waits for one.
	 * @return the claim that now has the slot and must be run by the caller, or null
	 */
	public @Nullable Claim release() {
		return this.slots.release(this);
	}

	/**
	 * Has something done when the outcome is written, or another holds the job.
	 * @param afterwards returns at once
	 */
	public synchronized void whenSettled(Runnable afterwards) {
		this.afterwards = afterwards;
	}

	/**
	 * The outcome is written, or another holds the job: the token covers one job less.
	 */
	public synchronized void settle() {
		// once: what is not sure to have been settled may be settled again
		if (!this.settled) {
			this.settled = true;
			this.tokens.settle(this.token);
			if (this.afterwards != null) {
				this.afterwards.run();
			}
		}
	}

	void take(int slot) {
		this.slot = slot;
	}

	/** The queue that counts the slot; a job that cannot be read counts for none. */
	String queue() {
		return (this.job.document().get(JobDocument.QUEUE) instanceof String queue) ? queue : "";
	}

}
