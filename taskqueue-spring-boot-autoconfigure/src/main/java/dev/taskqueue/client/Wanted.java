package dev.taskqueue.client;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import com.mongodb.client.model.Filters;
import dev.taskqueue.Job;
import dev.taskqueue.JobError;
import dev.taskqueue.JobQuery;
import dev.taskqueue.store.JobDocument;
import org.bson.BsonValue;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs a watch, or a question, is about.
 *
 * @param id the one that is meant, in text form, or null
 * @param ids the values that this can be
 * @param query what holds of them all
 */
public record Wanted(@Nullable String id, Set<BsonValue> ids, JobQuery query) {

	/** No text that begins with a prefix sorts behind the prefix and this. */
	private static final String LAST = new String(Character.toChars(Character.MAX_CODE_POINT));

	/**
	 * One job.
	 * @param id in text form
	 * @return it, whether it exists or not
	 */
	public static Wanted job(String id) {
		return new Wanted(id, JobIds.of(id).stream().map(JobIds::key).collect(Collectors.toUnmodifiableSet()),
				JobQuery.all());
	}

	/**
	 * All jobs that a query means.
	 * @param query its limit is not looked at
	 * @return them
	 */
	public static Wanted jobs(JobQuery query) {
		return new Wanted(null, Set.of(), query);
	}

	/** Whether a job may be meant, as far as its id tells. */
	boolean mayBe(BsonValue jobId) {
		if (this.id != null) {
			return this.ids.contains(JobIds.key(jobId));
		}
		String prefix = this.query.idPrefix();
		return prefix == null || (jobId.isString() && jobId.asString().getValue().startsWith(prefix));
	}

	/**
	 * Whether a job is meant.
	 * @param job as it is now
	 * @param serverClock the server's time
	 * @return true if so
	 */
	public boolean is(Job job, Clock serverClock) {
		if (this.id != null) {
			return job.id().equals(this.id) || (job.id().equalsIgnoreCase(this.id)
					&& JobIds.of(job.id()).stream().map(JobIds::key).anyMatch(this.ids::contains));
		}
		JobQuery query = this.query;
		return fits(query.state(), job.state()) && fits(query.queue(), job.queue())
				&& fits(query.function(), job.function()) && fits(query.reason(), reason(job))
				&& (query.idPrefix() == null || job.id().startsWith(query.idPrefix()))
				&& (query.createdBefore() == null || job.createdAt().isBefore(query.createdBefore()))
				&& (query.createdAfter() == null || !job.createdAt().isBefore(query.createdAfter()))
				&& (!query.isScheduled() || job.runAt().isAfter(serverClock.instant()));
	}

	/** What the server can leave out; {@link #is} has the last word. */
	Bson filter() {
		List<Bson> all = new ArrayList<>();
		if (this.id != null) {
			all.add(Filters.in(JobDocument.ID, this.ids));
		}
		String prefix = this.query.idPrefix();
		if (prefix != null) {
			all.add(Filters.gte(JobDocument.ID, prefix));
			all.add(Filters.lt(JobDocument.ID, prefix + LAST));
		}
		if (this.query.queue() != null) {
			all.add(Filters.eq(JobDocument.QUEUE, this.query.queue()));
		}
		if (this.query.function() != null) {
			all.add(Filters.eq(JobDocument.FUNCTION, this.query.function()));
		}
		return all.isEmpty() ? Filters.empty() : Filters.and(all);
	}

	private static JobError.@Nullable Reason reason(Job job) {
		JobError error = job.error();
		return (error != null) ? error.reason() : null;
	}

	private static boolean fits(@Nullable Object wanted, @Nullable Object value) {
		return wanted == null || wanted.equals(value);
	}

}
