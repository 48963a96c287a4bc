package dev.taskqueue.store;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The places between two writes, where a process that dies leaves something to be mended.
 * What that is, and who mends it, stands in the documentation of the package that comes
 * to the point; each is named after what has just happened there.
 * <p>
 * They are for the tests, which end the process at a point. To all others a point is one
 * read of a field.
 */
public enum CrashPoint {

	/** A group of jobs is gathered and nothing of it is sent. */
	SUBMIT_GATHERED,

	/** Jobs are inserted, and their submitters do not know. */
	SUBMIT_INSERTED,

	/** A job may be inserted or not, and is to be sent again. */
	SUBMIT_UNKNOWN,

	/** One batch of a bulk is inserted, others are not. */
	SUBMIT_BATCH_INSERTED,

	/** Jobs are part of a transaction that is not committed. */
	SUBMIT_JOINED,

	/** Jobs are durable, and no claimer was woken for them. */
	SUBMIT_DURABLE,

	/** Due jobs are read and a token is registered for them. */
	CLAIM_REGISTERED,

	/** Jobs run under a token by the store's word, and nobody runs them. */
	CLAIM_WRITTEN,

	/** Claims have their slots or stand in line, and none is started. */
	CLAIM_TAKEN,

	/** A claim has left the line, and is not given back. */
	CLAIM_WITHDRAWN,

	/** One field of another program's document is filled in. */
	CLAIM_MENDED,

	/** A document that cannot be read is set aside. */
	CLAIM_SET_ASIDE,

	/** A lock is taken, and the attempt that has it does not run yet. */
	LOCK_TAKEN,

	/** Locks are free by the store's word, and no job that waits was told. */
	LOCK_RELEASED,

	/** A lock is promised to a job that waits, which does not know it. */
	LOCK_PROMISED,

	/** Attempts have ended, and nothing is written of it. */
	FINISH_GATHERED,

	/** Outcomes are written, and nobody was told. */
	FINISH_WRITTEN,

	/** Some outcomes matched nothing and are to be written in another way. */
	FINISH_READ_BACK,

	/** A worker's document is inserted. */
	LEASE_TAKEN,

	/** A worker has found itself fenced and interrupted what it runs. */
	LEASE_LOST,

	/** Nothing runs under a worker that ends, and its document is there. */
	LEASE_EMPTY,

	/** A fenced document is inserted for a worker that has none and runs jobs. */
	RECOVERY_INSERTED,

	/** A lost worker is fenced. */
	RECOVERY_FENCED,

	/** Some jobs of a lost worker are taken back. */
	RECOVERY_TAKEN_BACK,

	/** Jobs that are not to be kept have ended, and are there. */
	RECOVERY_ENDED,

	/** Nothing runs under a lost worker any more, and its document is there. */
	RECOVERY_EMPTY,

	/** Jobs of a lost token are given back, those to be cancelled are not. */
	RECOVERY_GIVEN_BACK,

	/** Rows are due and read, and their jobs are not inserted. */
	ROW_READ,

	/** Half of the jobs of some rows are inserted. */
	ROW_JOBS_HALVED,

	/** Jobs of some rows are inserted, and the rows are not marked. */
	ROW_JOBS_INSERTED,

	/** Rows are marked. */
	ROW_MARKED,

	/** A worker that ends claims no more and has handed back what stood in line. */
	SHUTDOWN_CLAIMS_ENDED,

	/** What still runs is interrupted, and to be given back. */
	SHUTDOWN_INTERRUPTED,

	/** No attempt is left, and the last outcomes may be unwritten. */
	SHUTDOWN_DRAINED,

	/** All outcomes are written, and the lease has not ended. */
	SHUTDOWN_FLUSHED,

	/** The worker's document is removed, and the process goes on to end. */
	SHUTDOWN_ENDED;

	private static volatile @Nullable Consumer<CrashPoint> hook;

	/** Says that it is reached. */
	public void reached() {
		Consumer<CrashPoint> present = hook;
		if (present != null) {
			present.accept(this);
		}
	}

	/**
	 * Has something happen at each point, in the thread that comes to it.
	 * @param hook what; may throw, or not return. Null is nothing
	 */
	static void setHook(@Nullable Consumer<CrashPoint> hook) {
		CrashPoint.hook = hook;
	}

}
