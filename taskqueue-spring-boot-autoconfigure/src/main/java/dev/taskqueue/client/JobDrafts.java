package dev.taskqueue.client;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import dev.taskqueue.JobSpec;
import dev.taskqueue.JobState;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.function.JobFunction;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.submit.Submission;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The documents of jobs that are to be submitted. What a job leaves open that must stand
 * in its document is taken from its function.
 */
public final class JobDrafts {

	private final Supplier<FunctionRegistry> functions;

	private final ArgumentMapper mapper;

	private final Clock clock;

	/**
	 * Creates it.
	 * @param functions those of this application
	 * @param mapper turns arguments to plain values
	 * @param clock the server's time
	 */
	public JobDrafts(Supplier<FunctionRegistry> functions, ArgumentMapper mapper, Clock clock) {
		this.functions = functions;
		this.mapper = mapper;
		this.clock = clock;
	}

	/**
	 * Makes the document.
	 * @param spec what is to be submitted
	 * @return the job, pending
	 * @throws IllegalArgumentException if a value cannot be stored
	 * @throws TaskQueueException if the server's time is not known
	 */
	public Submission submission(JobSpec spec) {
		return submission(spec, params(spec), kwargs(spec));
	}

	Submission submission(JobSpec spec, List<@Nullable Object> params, Document kwargs) {
		return new Submission(document(spec, params, kwargs), spec.onDuplicate(), spec.submitTime());
	}

	private Document document(JobSpec spec, List<@Nullable Object> params, Document kwargs) {
		JobFunction function = this.functions.get().find(spec.function());
		Instant now = now(spec);
		Document job = new Document(JobDocument.ID, (spec.id() != null) ? spec.id() : new ObjectId())
			.append(JobDocument.FUNCTION, spec.function())
			.append(JobDocument.PARAMS, params);
		if (!kwargs.isEmpty()) {
			job.append(JobDocument.KWARGS, kwargs);
		}
		job.append(JobDocument.QUEUE, queue(spec, function))
			.append(JobDocument.PRIORITY, priority(spec, function))
			.append(JobDocument.STATE, JobState.PENDING.text())
			.append(JobDocument.RUN_AT, runAt(spec, now))
			.append(JobDocument.CREATED_AT, Date.from(now));
		if (spec.maxAttempts() != null) {
			job.append(JobDocument.MAX_ATTEMPTS, spec.maxAttempts());
		}
		if (spec.timeout() != null) {
			job.append(JobDocument.TIMEOUT_MS, millis(spec.timeout()));
		}
		if (spec.expiresIn() != null) {
			job.append(JobDocument.EXPIRES_AT, end(job.getDate(JobDocument.RUN_AT), spec.expiresIn(), "expiresIn"));
		}
		String uniqueKey = uniqueKey(spec, function, job);
		if (uniqueKey != null) {
			job.append(JobDocument.UNIQUE_KEY, uniqueKey);
			Duration uniqueFor = uniqueFor(spec, function);
			if (uniqueFor != null) {
				job.append(JobDocument.UNIQUE_UNTIL, end(Date.from(now), uniqueFor, "uniqueFor"));
			}
		}
		if (spec.lock() != null) {
			job.append(JobDocument.LOCK, spec.lock());
		}
		return job;
	}

	private static @Nullable String uniqueKey(JobSpec spec, @Nullable JobFunction function, Document job) {
		String uniqueKey = spec.uniqueKey();
		if (uniqueKey == null && function != null && function.isUnique()) {
			JobDocument stored = new JobDocument(job);
			uniqueKey = function.uniqueKey(stored.params(), stored.kwargs());
		}
		if (uniqueKey == null && spec.uniqueFor() != null) {
			throw new IllegalArgumentException("The job's uniqueFor is '" + spec.uniqueFor() + "' and function '"
					+ spec.function() + "' gives it no key. Give it a uniqueKey, or the function a uniqueBy.");
		}
		return uniqueKey;
	}

	/** The function's period is that of the function's key: a job's own may have none. */
	private static @Nullable Duration uniqueFor(JobSpec spec, @Nullable JobFunction function) {
		if (spec.uniqueFor() != null) {
			return spec.uniqueFor();
		}
		return (spec.uniqueKey() == null && function != null) ? function.uniqueFor() : null;
	}

	private Instant now(JobSpec spec) {
		try {
			return this.clock.instant();
		}
		catch (MongoException ex) {
			throw new TaskQueueException("A job of function '" + spec.function()
					+ "' was not submitted: MongoDB does not answer. Submit it again when it does. " + ex.getMessage(),
					ex);
		}
	}

	List<@Nullable Object> params(JobSpec spec) {
		List<@Nullable Object> params = new ArrayList<>(spec.params().size());
		for (Object value : spec.params()) {
			params.add(stored(value, "params[" + params.size() + "]"));
		}
		return params;
	}

	Document kwargs(JobSpec spec) {
		Document kwargs = new Document();
		spec.kwargs().forEach((name, value) -> kwargs.append(name, stored(value, "kwargs." + name)));
		return kwargs;
	}

	private @Nullable Object stored(@Nullable Object value, String field) {
		return BsonValues.toStored(this.mapper.toPlain(value, field));
	}

	private static String queue(JobSpec spec, @Nullable JobFunction function) {
		if (spec.queue() != null) {
			return spec.queue();
		}
		return (function != null) ? function.queue() : JobDocument.DEFAULT_QUEUE;
	}

	private static int priority(JobSpec spec, @Nullable JobFunction function) {
		if (spec.priority() != null) {
			return spec.priority();
		}
		return (function != null) ? function.priority() : 0;
	}

	private static Date runAt(JobSpec spec, Instant now) {
		try {
			if (spec.at() != null) {
				return Date.from(spec.at());
			}
			return Date.from((spec.delay() != null) ? now.plus(spec.delay()) : now);
		}
		catch (ArithmeticException | DateTimeException | IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"The job's " + ((spec.at() != null) ? "at is '" + spec.at() : "delay is '" + spec.delay())
							+ "', expected a time that a date can hold. Correct the call.",
					ex);
		}
	}

	private static Date end(Date begin, Duration duration, String field) {
		try {
			return Date.from(begin.toInstant().plus(duration));
		}
		catch (ArithmeticException | DateTimeException | IllegalArgumentException ex) {
			throw new IllegalArgumentException("The job's " + field + " is '" + duration
					+ "', expected a time that a date can hold. Leave it out for no limit.", ex);
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
