package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

import dev.taskqueue.WhileRunning;
import dev.taskqueue.crontab.KnownFunctions.KnownFunction;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UnreadableId;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.codecs.DocumentCodec;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a row is in order and what it asks for. Asks no server.
 */
final class RowReader {

	private static final DocumentCodec CODEC = new DocumentCodec();

	private final KnownFunctions functions;

	private final Predicate<String> isLive;

	private final Predicate<String> isAskedFor;

	private final CrontabSettings settings;

	RowReader(KnownFunctions functions, Predicate<String> isLive, CrontabSettings settings) {
		this(functions, isLive, (key) -> true, settings);
	}

	/**
	 * Creates one.
	 * @param functions the functions of this node
	 * @param isLive whether any live worker has a function
	 * @param isAskedFor whether any live worker asks for a periodic job, by its key
	 * @param settings what holds where a row is silent
	 */
	RowReader(KnownFunctions functions, Predicate<String> isLive, Predicate<String> isAskedFor,
			CrontabSettings settings) {
		this.functions = functions;
		this.isLive = isLive;
		this.isAskedFor = isAskedFor;
		this.settings = settings;
	}

	/**
	 * Reads a row.
	 * @param row the row
	 * @param bytes its size
	 * @param now the time
	 * @return what is to be done with it
	 */
	Reading read(Document row, int bytes, Instant now) {
		if (!Boolean.FALSE.equals(row.get(RowFields.IS_DONE)) || Boolean.FALSE.equals(row.get(RowFields.ENABLED))) {
			return new Reading.Left();
		}
		try {
			return readOurs(row, bytes, now);
		}
		catch (BadRow ex) {
			return new Reading.Bad(ex.error());
		}
		catch (RuntimeException ex) {
			// a fault of ours, or of a converter of the application: it must not hold up
			// the neighbours
			return new Reading.Bad(RowError.of(RowFields.PARAMS, null, "the row cannot be read: " + ex
					+ ". Simplify its values. The row is looked at again when it changes."));
		}
	}

	private Reading readOurs(Document row, int bytes, Instant now) {
		if (row.get(RowFields.ID) instanceof UnreadableId id) {
			throw new BadRow(RowError.of(RowFields.ID, id, "field '_id' is no value that can be read, such as a text "
					+ "that is no UTF-8, so no job can refer to it. Insert the row again with another id."));
		}
		Object enabled = row.get(RowFields.ENABLED);
		BadRow.check(enabled == null || enabled instanceof Boolean, row, RowFields.ENABLED, "true or false");
		Instant time = time(row);
		Recurrence recurrence = Recurrence.of(row, this.settings.zone());
		if (recurrence == null && time != null) {
			checkLateness(row, time, now);
		}
		String function = function(row);
		List<?> params = params(row);
		Document kwargs = kwargs(row);
		checkSize(params, kwargs, bytes);
		String queue = queue(row);
		Integer priority = wholeNumber(row, RowFields.PRIORITY, Integer.MIN_VALUE);
		Integer maxAttempts = wholeNumber(row, RowFields.MAX_ATTEMPTS, 1);
		Duration timeout = duration(row, RowFields.TIMEOUT, 0, " from 0 (no limit)");
		Duration expiresIn = duration(row, RowFields.EXPIRES_IN, 1, " above 0");
		String uniqueKey = uniqueKey(row);
		Plan plan = (recurrence != null) ? recurrence.plan(row, bytes, time, now) : once(time, now);
		String key = plan.isDue() ? PeriodicRows.key(row) : null;
		if (key != null && !this.isAskedFor.test(key)) {
			return new Reading.Removed();
		}
		// its function is judged when it is due: until then a worker may come
		KnownFunction known = plan.isDue() ? known(function, params, kwargs) : null;
		if (plan.slots().isEmpty()) {
			return new Reading.Ahead(plan.next());
		}
		Duration uniqueFor = null;
		if (uniqueKey == null && known != null) {
			uniqueKey = known.uniqueKey().of(plain(params), plainKwargs(kwargs));
			uniqueFor = known.uniqueFor();
		}
		return new Reading.Due(
				new Row(Objects.requireNonNull(row.get(RowFields.ID)),
						(row.get(RowFields.NAME) instanceof String name) ? name : null, function, params, kwargs,
						(queue != null) ? queue : (known != null) ? known.queue() : JobDocument.DEFAULT_QUEUE,
						(priority != null) ? priority : (known != null) ? known.priority() : 0,
						(maxAttempts != null) ? maxAttempts
								: (known != null && known.maxAttempts() != null) ? known.maxAttempts()
										: this.settings.maxAttempts(),
						timeout, expiresIn, uniqueKey, uniqueFor),
				plan.slots(), plan.next(), (recurrence != null) ? recurrence.whileRunning() : WhileRunning.RUN);
	}

	private static Plan once(@Nullable Instant time, Instant now) {
		return (time != null && !time.isAfter(now)) ? Plan.run(List.of(time), null) : Plan.NOTHING;
	}

	private static @Nullable String uniqueKey(Document row) {
		Object value = row.get(RowFields.UNIQUE_KEY);
		BadRow.check(value == null || (value instanceof String key && !key.isBlank()), row, RowFields.UNIQUE_KEY,
				"a text");
		return (String) value;
	}

	/** Null is what the owner of a recurring row may leave open. */
	private static @Nullable Instant time(Document row) {
		Object value = row.get(RowFields.TIME);
		if (value == null && (row.get(RowFields.CRON) != null || row.get(RowFields.EVERY) != null)) {
			return null;
		}
		if (!row.containsKey(RowFields.TIME)) {
			throw new BadRow(RowError.missing(RowFields.TIME, "epoch seconds or a date"));
		}
		Instant time = RowTime.read(value);
		BadRow.check(time != null, row, RowFields.TIME, RowTime.expected(value));
		return time;
	}

	private void checkLateness(Document row, Instant time, Instant now) {
		Duration limit = this.settings.maxLateness();
		if (limit != null && time.isBefore(now.minus(limit))) {
			Duration late = Duration.ofSeconds(Duration.between(time, now).toSeconds());
			throw new BadRow(RowError.growing(RowFields.TIME, row.get(RowFields.TIME),
					"the row was due at " + time + " and was found ",
					words(late) + " late, more than taskqueue.crontab.max-lateness (" + words(limit)
							+ "), so it was not run. Set 'time' anew to run it, or set is_done to true; to run rows "
							+ "as late as this one, raise taskqueue.crontab.max-lateness."));
		}
	}

	private static String function(Document row) {
		Object value = row.get(RowFields.FUNCTION);
		if (value == null && !row.containsKey(RowFields.FUNCTION)) {
			throw new BadRow(RowError.missing(RowFields.FUNCTION, "the name of a function"));
		}
		BadRow.check(value instanceof String name && !name.isBlank(), row, RowFields.FUNCTION,
				"the name of a function");
		return (String) Objects.requireNonNull(value);
	}

	private static List<?> params(Document row) {
		Object value = row.get(RowFields.PARAMS);
		BadRow.check(value == null || value instanceof List<?>, row, RowFields.PARAMS, "an array such as [\"a\", 1]");
		return (value instanceof List<?> list) ? list : List.of();
	}

	private static @Nullable Document kwargs(Document row) {
		Object value = row.get(RowFields.KWARGS);
		BadRow.check(value == null || value instanceof Document, row, RowFields.KWARGS, "an object such as {\"a\": 1}");
		if (!(value instanceof Document kwargs)) {
			return null;
		}
		for (String key : kwargs.keySet()) {
			if (!isName(key)) {
				throw new BadRow(RowError.of(RowFields.KWARGS, key, "field 'kwargs' has the key " + RowError.shown(key)
						+ ", expected names of parameters. Rename the key. The row is looked at again when it changes."));
			}
		}
		return kwargs;
	}

	/** A row within the limit is as good as its arguments, and not measured again. */
	private void checkSize(List<?> params, @Nullable Document kwargs, int bytes) {
		if (bytes > this.settings.maxArgumentsBytes()) {
			Document arguments = new Document(RowFields.PARAMS, params).append(RowFields.KWARGS, kwargs);
			int size = new RawBsonDocument(arguments, CODEC).getByteBuffer().remaining();
			if (size > this.settings.maxArgumentsBytes()) {
				throw new BadRow(RowError.of(RowFields.PARAMS, null, "the arguments have " + size
						+ " bytes, expected at most " + this.settings.maxArgumentsBytes()
						+ " (taskqueue.job.max-arguments-size). Store the data elsewhere and give its id. The row is "
						+ "looked at again when it changes."));
			}
		}
	}

	private static @Nullable String queue(Document row) {
		Object value = row.get(RowFields.QUEUE);
		BadRow.check(value == null || (value instanceof String name && !name.isBlank()), row, RowFields.QUEUE,
				"the name of a queue");
		return (String) value;
	}

	private static @Nullable Integer wholeNumber(Document row, String field, int least) {
		Object value = row.get(field);
		if (value == null) {
			return null;
		}
		double number = (value instanceof Number given) ? given.doubleValue() : Double.NaN;
		BadRow.check(number == Math.rint(number) && number >= least && number <= Integer.MAX_VALUE, row, field,
				"a whole number" + ((least == Integer.MIN_VALUE) ? " that fits into an int" : " from " + least));
		return (int) number;
	}

	private static @Nullable Duration duration(Document row, String field, long leastMs, String expected) {
		Object value = row.get(field);
		if (value == null) {
			return null;
		}
		Duration duration = DurationText.read(value);
		BadRow.check(duration != null && duration.toMillis() >= leastMs, row, field,
				DurationText.EXPECTED + "," + expected);
		return duration;
	}

	private @Nullable KnownFunction known(String function, List<?> params, @Nullable Document kwargs) {
		KnownFunction known = this.functions.find(function);
		if (known == null) {
			if (!this.isLive.test(function)) {
				throw new BadRow(RowError.waiting(RowFields.FUNCTION, function, "field 'function' is "
						+ RowError.shown(function)
						+ ", which no live worker knows. Correct the name, or start a worker that has the function: "
						+ "the row runs as soon as one is there."));
			}
			return null;
		}
		RowError error = known.check().check(plain(params), plainKwargs(kwargs));
		if (error != null) {
			throw new BadRow(error);
		}
		return known;
	}

	@SuppressWarnings("unchecked")
	private static List<?> plain(List<?> params) {
		return (List<Object>) Objects.requireNonNull(BsonValues.toPlain(params));
	}

	@SuppressWarnings("unchecked")
	private static Map<String, ?> plainKwargs(@Nullable Document kwargs) {
		return (kwargs != null) ? (Map<String, Object>) Objects.requireNonNull(BsonValues.toPlain(kwargs)) : Map.of();
	}

	private static boolean isName(String key) {
		return !key.isEmpty() && Character.isJavaIdentifierStart(key.codePointAt(0))
				&& key.codePoints().allMatch(Character::isJavaIdentifierPart);
	}

	private static String words(Duration duration) {
		long days = duration.toDays();
		String rest = duration.minusDays(days).toString().substring(2).toLowerCase(java.util.Locale.ROOT);
		return (days == 0) ? rest : days + "d" + (duration.minusDays(days).isZero() ? "" : " " + rest);
	}

}
