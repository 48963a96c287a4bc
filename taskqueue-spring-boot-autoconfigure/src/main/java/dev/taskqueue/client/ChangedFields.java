package dev.taskqueue.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

import dev.taskqueue.JobChange;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a job's document that a change is about.
 */
public final class ChangedFields {

	private ChangedFields() {
	}

	/**
	 * What is to be set.
	 * @param change what is to be different
	 * @param mapper turns arguments to plain values
	 * @return the fields, one or more
	 * @throws IllegalArgumentException if nothing is, or if a value cannot be stored
	 */
	public static Document of(JobChange change, ArgumentMapper mapper) {
		Document set = new Document();
		if (change.params() != null) {
			List<@Nullable Object> params = new ArrayList<>();
			for (Object value : change.params()) {
				params.add(BsonValues.toStored(mapper.toPlain(value, "params[" + params.size() + "]")));
			}
			set.append(JobDocument.PARAMS, params);
		}
		if (change.kwargs() != null) {
			Document kwargs = new Document();
			change.kwargs()
				.forEach((name, value) -> kwargs.append(name,
						BsonValues.toStored(mapper.toPlain(value, "kwargs." + name))));
			set.append(JobDocument.KWARGS, kwargs);
		}
		if (change.queue() != null) {
			set.append(JobDocument.QUEUE, change.queue());
		}
		if (change.priority() != null) {
			set.append(JobDocument.PRIORITY, change.priority());
		}
		if (change.runAt() != null) {
			set.append(JobDocument.RUN_AT, date(change.runAt()));
		}
		if (change.timeout() != null) {
			set.append(JobDocument.TIMEOUT_MS, millis(change.timeout()));
		}
		if (change.maxAttempts() != null) {
			set.append(JobDocument.MAX_ATTEMPTS, change.maxAttempts());
		}
		if (set.isEmpty()) {
			throw new IllegalArgumentException("The change is empty. Say what is to be different.");
		}
		return set;
	}

	private static Date date(Instant runAt) {
		try {
			return Date.from(runAt);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"The change's runAt is '" + runAt + "', expected a time that a date can hold. Correct the call.",
					ex);
		}
	}

	/** A part of a millisecond is not zero, which would be no limit. */
	private static long millis(Duration timeout) {
		try {
			return timeout.isZero() ? 0 : Math.max(1, timeout.toMillis());
		}
		catch (ArithmeticException ex) {
			return Long.MAX_VALUE;
		}
	}

}
