package dev.taskqueue.crontab;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.taskqueue.Misfire;
import dev.taskqueue.PeriodicJob;
import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.WhileRunning;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.store.BsonValues;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * A periodic job as the fields of its row, and back.
 */
final class PeriodicDefinition {

	/** What a source says; all else in the row is the scheduler's, or of no source. */
	static final List<String> FIELDS = List.of(RowFields.NAME, RowFields.FUNCTION, RowFields.PARAMS, RowFields.KWARGS,
			RowFields.CRON, RowFields.EVERY, RowFields.ZONE, RowFields.START_TIME, RowFields.END_TIME,
			RowFields.MISFIRE, RowFields.WHILE_RUNNING, RowFields.QUEUE, RowFields.PRIORITY, RowFields.MAX_ATTEMPTS,
			RowFields.TIMEOUT, RowFields.EXPIRES_IN, RowFields.UNIQUE_KEY, RowFields.ENABLED);

	private PeriodicDefinition() {
	}

	/**
	 * The fields of a row.
	 * @param job the job
	 * @param mapper turns arguments to plain values
	 * @return those of {@link #FIELDS} that are not at their default
	 * @throws dev.taskqueue.function.InvalidArgumentException if an argument cannot be
	 * stored
	 */
	static Document of(PeriodicJobSpec job, ArgumentMapper mapper) {
		Document fields = new Document(RowFields.NAME, job.name()).append(RowFields.FUNCTION, job.function());
		List<@Nullable Object> params = new ArrayList<>();
		for (Object value : job.params()) {
			params.add(BsonValues.toStored(mapper.toPlain(value, "params[" + params.size() + "]")));
		}
		fields.append(RowFields.PARAMS, params);
		if (!job.kwargs().isEmpty()) {
			Document kwargs = new Document();
			job.kwargs()
				.forEach((key, value) -> kwargs.append(key,
						BsonValues.toStored(mapper.toPlain(value, "kwargs." + key))));
			fields.append(RowFields.KWARGS, kwargs);
		}
		append(fields, RowFields.CRON, job.cron());
		append(fields, RowFields.EVERY, job.every());
		append(fields, RowFields.ZONE, (job.zone() != null) ? job.zone().getId() : null);
		append(fields, RowFields.START_TIME, (job.startTime() != null) ? Date.from(job.startTime()) : null);
		append(fields, RowFields.END_TIME, (job.endTime() != null) ? Date.from(job.endTime()) : null);
		append(fields, RowFields.MISFIRE, (job.misfire() != Misfire.ONCE) ? Recurrence.text(job.misfire()) : null);
		append(fields, RowFields.WHILE_RUNNING,
				(job.whileRunning() != WhileRunning.RUN) ? Recurrence.text(job.whileRunning()) : null);
		append(fields, RowFields.QUEUE, job.queue());
		append(fields, RowFields.PRIORITY, job.priority());
		append(fields, RowFields.MAX_ATTEMPTS, job.maxAttempts());
		append(fields, RowFields.TIMEOUT, (job.timeout() != null) ? job.timeout().toString() : null);
		append(fields, RowFields.EXPIRES_IN, (job.expiresIn() != null) ? job.expiresIn().toString() : null);
		append(fields, RowFields.UNIQUE_KEY, job.uniqueKey());
		append(fields, RowFields.ENABLED, job.enabled() ? null : false);
		return fields;
	}

	private static void append(Document fields, String field, @Nullable Object value) {
		if (value != null) {
			fields.append(field, value);
		}
	}

	/**
	 * The job that these fields ask for.
	 * @param name its name
	 * @param row the fields, as people write them
	 * @return the job
	 * @throws IllegalArgumentException if they are not in order; the message names the
	 * field
	 */
	static PeriodicJobSpec toSpec(String name, Document row) {
		try {
			return builder(name, row).build();
		}
		catch (BadRow ex) {
			throw new IllegalArgumentException(
					"Periodic job '" + name + "': " + ex.error().message().replace(RowError.AGAIN, ""), ex);
		}
	}

	private static PeriodicJobBuilder builder(String name, Document row) {
		Object params = row.get(RowFields.PARAMS);
		BadRow.check(params == null || params instanceof List<?>, row, RowFields.PARAMS, "an array");
		Object kwargs = row.get(RowFields.KWARGS);
		BadRow.check(kwargs == null || kwargs instanceof Document, row, RowFields.KWARGS, "an object");
		String function = text(row, RowFields.FUNCTION);
		PeriodicJobBuilder job = PeriodicJobSpec.named(name)
			.function((function != null) ? function : "", plainParams(params).toArray())
			.zone(zone(row))
			.startTime(time(row, RowFields.START_TIME))
			.endTime(time(row, RowFields.END_TIME))
			.misfire(Recurrence.choice(row, RowFields.MISFIRE, Misfire.ONCE))
			.whileRunning(Recurrence.choice(row, RowFields.WHILE_RUNNING, WhileRunning.RUN))
			.queue(text(row, RowFields.QUEUE))
			.priority(number(row, RowFields.PRIORITY))
			.maxAttempts(number(row, RowFields.MAX_ATTEMPTS))
			.timeout(duration(row, RowFields.TIMEOUT))
			.expiresIn(duration(row, RowFields.EXPIRES_IN))
			.uniqueKey(text(row, RowFields.UNIQUE_KEY))
			.enabled(!Boolean.FALSE.equals(row.get(RowFields.ENABLED)));
		plainKwargs(kwargs).forEach(job::kwarg);
		String cron = text(row, RowFields.CRON);
		Object every = row.get(RowFields.EVERY);
		BadRow.check(cron == null || every == null, row, RowFields.EVERY, "nothing beside 'cron'");
		if (cron != null) {
			job.cron(cron);
		}
		else if (every instanceof String text) {
			job.every(text);
		}
		else if (every != null) {
			job.every(Objects.requireNonNull(duration(row, RowFields.EVERY)));
		}
		return job;
	}

	/** A row as it is, whatever people made of it. */
	static PeriodicJob toJob(Document row) {
		Document error = (row.get(RowFields.ERROR) instanceof Document document) ? document : null;
		boolean isPeriodic = PeriodicRows.isPeriodic(row);
		Document removed = (row.get(RowFields.REMOVED) instanceof Document document) ? document : null;
		return new PeriodicJob(
				isPeriodic ? PeriodicRows.name(row) : Objects.toString(shown(row.get(RowFields.NAME)), ""),
				isPeriodic ? String.valueOf(row.get(RowFields.SOURCE)) : PeriodicRows.HAND,
				shown(row.get(RowFields.FUNCTION)), plainParams(row.get(RowFields.PARAMS)),
				plainKwargs(row.get(RowFields.KWARGS)), shown(row.get(RowFields.CRON)), shown(row.get(RowFields.EVERY)),
				shown(row.get(RowFields.ZONE)), shown(row.get(RowFields.QUEUE)),
				(row.get(RowFields.PRIORITY) instanceof Number number) ? number.intValue() : null,
				shown(row.get(RowFields.MISFIRE)), shown(row.get(RowFields.WHILE_RUNNING)),
				RowTime.read(row.get(RowFields.START_TIME)), RowTime.read(row.get(RowFields.END_TIME)),
				!Boolean.FALSE.equals(row.get(RowFields.ENABLED)) && Boolean.FALSE.equals(row.get(RowFields.IS_DONE)),
				(isPeriodic && removed != null) ? RowTime.read(removed.get("at")) : null,
				NextTimes.storedIn(row).times(), RowTime.read(row.get(RowFields.LAST_TIME)),
				shown(row.get(RowFields.JOB_ID)), (error != null) ? shown(error.get("message")) : null);
	}

	private static @Nullable String shown(@Nullable Object value) {
		return (value != null) ? String.valueOf(BsonValues.toPlain(value)) : null;
	}

	@SuppressWarnings("unchecked")
	private static List<@Nullable Object> plainParams(@Nullable Object params) {
		return (params instanceof List<?>) ? (List<@Nullable Object>) Objects.requireNonNull(BsonValues.toPlain(params))
				: List.of();
	}

	@SuppressWarnings("unchecked")
	private static Map<String, @Nullable Object> plainKwargs(@Nullable Object kwargs) {
		return (kwargs instanceof Document)
				? (Map<String, @Nullable Object>) Objects.requireNonNull(BsonValues.toPlain(kwargs)) : Map.of();
	}

	private static @Nullable String text(Document row, String field) {
		Object value = row.get(field);
		BadRow.check(value == null || value instanceof String, row, field, "a text");
		return (String) value;
	}

	private static @Nullable Integer number(Document row, String field) {
		Object value = row.get(field);
		BadRow.check(value == null || value instanceof Number, row, field, "a whole number");
		return (value instanceof Number number) ? number.intValue() : null;
	}

	private static @Nullable Instant time(Document row, String field) {
		Object value = row.get(field);
		Instant time = RowTime.read(value);
		BadRow.check(value == null || time != null, row, field, RowTime.expected(value));
		return time;
	}

	private static @Nullable Duration duration(Document row, String field) {
		Object value = row.get(field);
		Duration duration = DurationText.read(value);
		BadRow.check(value == null || duration != null, row, field, DurationText.EXPECTED);
		return duration;
	}

	private static @Nullable ZoneId zone(Document row) {
		Object value = row.get(RowFields.ZONE);
		try {
			if (value == null || value instanceof String) {
				return (value != null) ? ZoneId.of((String) value) : null;
			}
		}
		catch (DateTimeException ex) {
			// said below
		}
		throw new BadRow(RowError.wrong(RowFields.ZONE, value, "the name of a time zone such as \"Europe/Berlin\""));
	}

}
