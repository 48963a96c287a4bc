package dev.taskqueue.claim;

import java.time.Duration;

import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A token for jobs that are inserted one by one about the same time, so that their
 * outcomes share a statement. Not for long: as long as one job of a token runs, all of
 * them count as held.
 */
final class SharedToken {

	private static final int MOST_JOBS = 1000;

	private static final long LONGEST = Duration.ofMillis(100).toNanos();

	private @Nullable String token;

	private int jobs;

	private long since;

	/** The token for one more job. */
	synchronized String next(long nanoTime) {
		String present = this.token;
		if (present == null || this.jobs == MOST_JOBS || nanoTime - this.since > LONGEST) {
			present = new ObjectId().toHexString();
			this.token = present;
			this.jobs = 0;
			this.since = nanoTime;
		}
		this.jobs++;
		return present;
	}

}
