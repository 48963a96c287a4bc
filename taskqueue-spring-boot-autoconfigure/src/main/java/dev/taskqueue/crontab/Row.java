package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;

import dev.taskqueue.JobState;
import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What a due row asks for at each of its times; what it left open is filled in.
 *
 * @param id the row's id as stored
 * @param name its label, or null
 * @param function the function's name
 * @param params the positional arguments as stored
 * @param kwargs the arguments by name as stored, or null
 * @param queue the queue
 * @param priority higher runs first
 * @param maxAttempts attempts in all
 * @param timeout of an attempt, zero is none; null for the function's
 * @param expiresIn counted from the slot, or null
 * @param uniqueKey of its jobs, or null
 * @param uniqueFor how long that is held at least, or null
 */
record Row(Object id, @Nullable String name, String function, List<?> params, @Nullable Document kwargs, String queue,
		int priority, int maxAttempts, @Nullable Duration timeout, @Nullable Duration expiresIn,
		@Nullable String uniqueKey, @Nullable Duration uniqueFor) {

	Document toJob(Slot slot, Instant now) {
		Document job = new Document(JobDocument.ID, slot.jobId()).append(JobDocument.FUNCTION, this.function)
			.append(JobDocument.PARAMS, this.params);
		if (this.kwargs != null) {
			job.append(JobDocument.KWARGS, this.kwargs);
		}
		job.append(JobDocument.QUEUE, this.queue)
			.append(JobDocument.PRIORITY, this.priority)
			.append(JobDocument.STATE, JobState.PENDING.text())
			// not now: of two slots that were missed the older one runs first
			.append(JobDocument.RUN_AT, Date.from(slot.due()))
			.append(JobDocument.CREATED_AT, Date.from(now))
			.append(JobDocument.MAX_ATTEMPTS, this.maxAttempts);
		if (this.timeout != null) {
			job.append(JobDocument.TIMEOUT_MS, this.timeout.toMillis());
		}
		if (this.expiresIn != null) {
			job.append(JobDocument.EXPIRES_AT, Date.from(slot.due().plus(this.expiresIn)));
		}
		if (this.uniqueKey != null) {
			job.append(JobDocument.UNIQUE_KEY, this.uniqueKey);
			if (this.uniqueFor != null) {
				job.append(JobDocument.UNIQUE_UNTIL, Date.from(now.plus(this.uniqueFor)));
			}
		}
		Document origin = new Document("row", this.id).append("time", Date.from(slot.due()));
		if (this.name != null) {
			origin.append("name", this.name);
		}
		return job.append(JobDocument.ORIGIN, origin);
	}

}
