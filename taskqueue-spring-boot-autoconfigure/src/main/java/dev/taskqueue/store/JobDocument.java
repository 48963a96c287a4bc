package dev.taskqueue.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;

import dev.taskqueue.Job;
import dev.taskqueue.JobError;
import dev.taskqueue.JobLogLine;
import dev.taskqueue.JobProgress;
import dev.taskqueue.JobState;
import org.bson.BsonBinary;
import org.bson.BsonInt64;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.UuidRepresentation;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A document of {@code taskqueue_jobs} as it was read. Other programs write such
 * documents too, so each field is checked when it is asked for.
 */
public final class JobDocument {

	/** The id of the job: an {@code ObjectId}, or whatever the submitter chose. */
	public static final String ID = "_id";

	/** The name of the function. */
	public static final String FUNCTION = "function";

	/** The positional arguments. */
	public static final String PARAMS = "params";

	/** The arguments by name. */
	public static final String KWARGS = "kwargs";

	/** The queue. */
	public static final String QUEUE = "queue";

	/** Higher first. */
	public static final String PRIORITY = "priority";

	/** The state, as {@link JobState#text()}. */
	public static final String STATE = "state";

	/** Not to be started earlier. */
	public static final String RUN_AT = "run_at";

	/** When the job was submitted. */
	public static final String CREATED_AT = "created_at";

	/** How many attempts were begun that had, or may still have, an outcome. */
	public static final String ATTEMPT = "attempt";

	/** The number of attempts in all. */
	public static final String MAX_ATTEMPTS = "max_attempts";

	/** How often the job was taken back from a lost worker. */
	public static final String RECOVERIES = "recoveries";

	/** The time-out of an attempt in milliseconds; 0 is none. */
	public static final String TIMEOUT_MS = "timeout_ms";

	/** Not to be started later. */
	public static final String EXPIRES_AT = "expires_at";

	/** No two jobs that are pending or running have the same. */
	public static final String UNIQUE_KEY = "unique_key";

	/** Until then the job holds its key, if it ends before. */
	public static final String UNIQUE_UNTIL = "unique_until";

	/** What was the unique key until the job's end. */
	public static final String ENDED_KEY = "ended_key";

	/** The worker that runs the job or ran it last. */
	public static final String WORKER = "worker";

	/** The token of the claim that holds the job, or held it last. */
	public static final String CLAIM = "claim";

	/** When it was claimed last. */
	public static final String CLAIMED_AT = "claimed_at";

	/** When it ended. */
	public static final String FINISHED_AT = "finished_at";

	/** What the function gave. */
	public static final String RESULT = "result";

	/** Why the latest attempt did not succeed. */
	public static final String ERROR = "error";

	/** How far the attempt has come: {@code {percent, message}}. */
	public static final String PROGRESS = "progress";

	/** The last lines of the job's log: {@code [{at, level, message}]}. */
	public static final String LOG = "log";

	/** True when the job is to be cancelled. */
	public static final String CANCEL_REQUESTED = "cancel_requested";

	/** Where the job comes from, if not from a submit: the row of the crontab. */
	public static final String ORIGIN = "origin";

	/** When the TTL index removes the document. */
	public static final String DELETE_AT = "delete_at";

	/** The lock that the job takes while it runs, instead of its function's. */
	public static final String LOCK = "lock";

	/** The lock that the job waits for, and since when. */
	public static final String WAITS = "waits";

	/** The queue of jobs that name none. */
	public static final String DEFAULT_QUEUE = "default";

	private static final int MOST = 1_000_000_000;

	/** The name of a lock is an id in the store, and stands in each job that waits. */
	private static final int LONGEST_LOCK = 1000;

	private final Document document;

	private @Nullable String idText;

	/**
	 * Creates one.
	 * @param document as it was read
	 */
	public JobDocument(Document document) {
		this.document = document;
	}

	/**
	 * The job's id as stored.
	 * @return any BSON value
	 */
	public Object id() {
		return Objects.requireNonNull(this.document.get(ID));
	}

	/**
	 * The job's id as text.
	 * @return the text
	 */
	public String idText() {
		String known = this.idText;
		if (known == null) {
			known = String.valueOf(BsonValues.toPlain(this.document.get(ID)));
			this.idText = known;
		}
		return known;
	}

	/**
	 * Finds the document again.
	 * @return a filter
	 */
	public Bson filter() {
		Object id = this.document.get(ID);
		return (id instanceof UnreadableId unreadable) ? unreadable.filter()
				: new Document(ID, new Document("$eq", id));
	}

	/**
	 * Matches as long as a field is as it was read. What another program wrote there may
	 * look like an operator.
	 * @param field the field's name
	 * @return a filter
	 */
	public Bson asRead(String field) {
		return new Document(field, new Document("$eq", this.document.get(field)));
	}

	/**
	 * The ids that a text can mean: other programs give their jobs numbers and UUIDs.
	 * @param text an id as {@link #idText()} gives it
	 * @return the values to look for, the likeliest first; one or more
	 */
	public static List<BsonValue> idsOf(String text) {
		List<BsonValue> ids = new ArrayList<>(2);
		if (ObjectId.isValid(text)) {
			ids.add(new BsonObjectId(new ObjectId(text)));
		}
		ids.add(new BsonString(text));
		addId(ids, text, (id) -> new BsonInt64(Long.parseLong(id)));
		addId(ids, text, (id) -> new BsonBinary(UUID.fromString(id)));
		addId(ids, text, (id) -> new BsonBinary(UUID.fromString(id), UuidRepresentation.JAVA_LEGACY));
		return ids;
	}

	private static void addId(List<BsonValue> ids, String text, Function<String, BsonValue> parse) {
		try {
			ids.add(parse.apply(text));
		}
		catch (IllegalArgumentException ex) {
			// the text does not mean one of these
		}
	}

	/**
	 * The function's name.
	 * @return the name
	 * @throws UnreadableDocumentException if there is none
	 */
	public String function() {
		return required(FUNCTION, String.class, "the name of a function");
	}

	/**
	 * The positional arguments as stored.
	 * @return the arguments, none where the field is missing
	 * @throws UnreadableDocumentException if the field is no array
	 */
	@SuppressWarnings("unchecked")
	public List<@Nullable Object> params() {
		List<@Nullable Object> params = optional(PARAMS, List.class, "an array");
		return (params != null) ? params : List.of();
	}

	/**
	 * The arguments by name as stored.
	 * @return the arguments, none where the field is missing
	 * @throws UnreadableDocumentException if the field is no document
	 */
	@SuppressWarnings("unchecked")
	public Map<String, @Nullable Object> kwargs() {
		Map<String, @Nullable Object> kwargs = optional(KWARGS, Map.class, "a document");
		return (kwargs != null) ? kwargs : Map.of();
	}

	/**
	 * The queue.
	 * @return the name
	 * @throws UnreadableDocumentException if it is no text
	 */
	public String queue() {
		String queue = optional(QUEUE, String.class, "the name of a queue");
		return (queue != null) ? queue : DEFAULT_QUEUE;
	}

	/**
	 * The number of attempts begun, this one included.
	 * @return 0 before the first claim
	 * @throws UnreadableDocumentException if it is no number
	 */
	public int attempt() {
		return count(ATTEMPT);
	}

	/**
	 * The job's own number of attempts.
	 * @return the number, or null where the function's or the property's holds
	 * @throws UnreadableDocumentException if it is no positive number
	 */
	public @Nullable Integer maxAttempts() {
		Number number = optional(MAX_ATTEMPTS, Number.class, "a number from 1");
		if (number != null && number.intValue() < 1) {
			throw new UnreadableDocumentException(MAX_ATTEMPTS, number, "a number from 1");
		}
		return (number != null) ? number.intValue() : null;
	}

	/**
	 * How often the job was taken back from a lost worker.
	 * @return 0 mostly
	 * @throws UnreadableDocumentException if it is no number
	 */
	public int recoveries() {
		return count(RECOVERIES);
	}

	/**
	 * The job's own time-out.
	 * @return the time-out, zero for none, or null where the function's or the property's
	 * holds
	 * @throws UnreadableDocumentException if it is no number from 0
	 */
	public @Nullable Duration timeout() {
		Number number = optional(TIMEOUT_MS, Number.class, "milliseconds from 0");
		if (number != null && number.longValue() < 0) {
			throw new UnreadableDocumentException(TIMEOUT_MS, number, "milliseconds from 0");
		}
		return (number != null) ? Duration.ofMillis(number.longValue()) : null;
	}

	/**
	 * The job's own lock.
	 * @return its name, or null where the function's holds
	 * @throws UnreadableDocumentException if it is no name
	 */
	public @Nullable String lock() {
		String expected = "the name of a lock, of " + LONGEST_LOCK + " characters at most";
		String lock = optional(LOCK, String.class, expected);
		if (lock != null && (lock.isBlank() || lock.length() > LONGEST_LOCK)) {
			throw new UnreadableDocumentException(LOCK, lock, expected);
		}
		return lock;
	}

	/**
	 * Not to be started later.
	 * @return the moment, or null for no limit
	 * @throws UnreadableDocumentException if it is no date
	 */
	public @Nullable Instant expiresAt() {
		return instant(EXPIRES_AT);
	}

	/**
	 * The token of the claim that holds the job, or held it last.
	 * @return the token, or null before the first claim
	 */
	public @Nullable String claim() {
		return (this.document.get(CLAIM) instanceof String claim) ? claim : null;
	}

	/**
	 * The worker that holds the job, or held it last.
	 * @return the worker's id, or null before the first claim
	 */
	public @Nullable String worker() {
		return (this.document.get(WORKER) instanceof String worker) ? worker : null;
	}

	/**
	 * Whether the job is to be cancelled.
	 * @return true if so
	 */
	public boolean isCancelRequested() {
		return Boolean.TRUE.equals(this.document.get(CANCEL_REQUESTED));
	}

	/**
	 * The document itself.
	 * @return the document, not to be changed
	 */
	public Document document() {
		return this.document;
	}

	/**
	 * The text of a field, for who tells of a job whatever its document holds.
	 * @param field the field
	 * @param absent what stands for a value that is no text
	 * @return the text
	 */
	public String text(String field, String absent) {
		return (this.document.get(field) instanceof String text) ? text : absent;
	}

	/**
	 * The job for readers: what cannot be read is shown as its default.
	 * @return the job
	 */
	public Job toJob() {
		Document document = this.document;
		return new Job(idText(), text(FUNCTION, ""), plainList(document.get(PARAMS)), plainMap(document.get(KWARGS)),
				text(QUEUE, DEFAULT_QUEUE), number(PRIORITY), state(),
				Objects.requireNonNullElse(date(RUN_AT), Instant.EPOCH),
				Objects.requireNonNullElse(date(CREATED_AT), Instant.EPOCH), number(ATTEMPT),
				(document.get(MAX_ATTEMPTS) instanceof Number limit) ? (Integer) limit.intValue() : null,
				number(RECOVERIES),
				(document.get(TIMEOUT_MS) instanceof Number timeout) ? Duration.ofMillis(timeout.longValue()) : null,
				worker(), date(CLAIMED_AT), date(FINISHED_AT), BsonValues.toPlain(document.get(RESULT)),
				(document.get(ERROR) instanceof Document error) ? readError(error) : null, isCancelRequested(),
				progress(), log(), waitsFor());
	}

	/**
	 * An error as documents have it.
	 * @param error the error
	 * @return the value of {@link #ERROR}
	 */
	public static Document writeError(JobError error) {
		Document document = new Document("reason", error.reason().text());
		if (error.type() != null) {
			document.append("type", error.type());
		}
		document.append("message", error.message());
		if (error.stack() != null) {
			document.append("stack", error.stack());
		}
		return document.append("attempt", error.attempt()).append("at", Date.from(error.at()));
	}

	private static JobError readError(Document error) {
		return new JobError(JobError.Reason.of(error.get("reason") instanceof String reason ? reason : null),
				(error.get("type") instanceof String type) ? type : null, String.valueOf(error.get("message")),
				(error.get("stack") instanceof String stack) ? stack : null,
				(error.get("attempt") instanceof Number attempt) ? attempt.intValue() : 0,
				(error.get("at") instanceof Date at) ? at.toInstant() : Instant.EPOCH);
	}

	private @Nullable JobProgress progress() {
		if (!(this.document.get(PROGRESS) instanceof Document progress)
				|| !(progress.get("percent") instanceof Number percent)) {
			return null;
		}
		return new JobProgress(Math.max(0, Math.min(100, percent.intValue())),
				(progress.get("message") instanceof String message) ? message : null);
	}

	private @Nullable String waitsFor() {
		String lock = LockWait.read(this.document).lock();
		return (state() == JobState.PENDING && !lock.isEmpty()) ? lock : null;
	}

	private List<JobLogLine> log() {
		List<JobLogLine> lines = new ArrayList<>();
		if (this.document.get(LOG) instanceof List<?> log) {
			for (Object element : log) {
				if (element instanceof Document line) {
					lines.add(new JobLogLine((line.get("at") instanceof Date at) ? at.toInstant() : Instant.EPOCH,
							(line.get("level") instanceof String level) ? level : "info",
							String.valueOf(line.get("message"))));
				}
			}
		}
		return Collections.unmodifiableList(lines);
	}

	private JobState state() {
		try {
			return JobState.of(text(STATE, ""));
		}
		catch (IllegalArgumentException ex) {
			return JobState.FAILED;
		}
	}

	private int number(String field) {
		return (this.document.get(field) instanceof Number number) ? number.intValue() : 0;
	}

	private @Nullable Instant date(String field) {
		return (this.document.get(field) instanceof Date date) ? date.toInstant() : null;
	}

	private @Nullable Instant instant(String field) {
		Date date = optional(field, Date.class, "a date");
		return (date != null) ? date.toInstant() : null;
	}

	/** NaN and what is beyond counting stay what they are however often one is added. */
	private int count(String field) {
		Number number = optional(field, Number.class, "a number from 0");
		if (number != null && !(number.doubleValue() >= 0 && number.doubleValue() <= MOST)) {
			throw new UnreadableDocumentException(field, number, "a number from 0");
		}
		return (number != null) ? number.intValue() : 0;
	}

	private <T> T required(String field, Class<T> type, String expected) {
		T value = optional(field, type, expected);
		if (value == null) {
			throw new UnreadableDocumentException(field, null, expected);
		}
		return value;
	}

	private <T> @Nullable T optional(String field, Class<T> type, String expected) {
		Object value = this.document.get(field);
		if (value != null && !type.isInstance(value)) {
			throw new UnreadableDocumentException(field, value, expected);
		}
		return type.cast(value);
	}

	@SuppressWarnings("unchecked")
	private static List<@Nullable Object> plainList(@Nullable Object value) {
		return (value instanceof List<?>) ? (List<@Nullable Object>) Objects.requireNonNull(BsonValues.toPlain(value))
				: List.of();
	}

	@SuppressWarnings("unchecked")
	private static Map<String, @Nullable Object> plainMap(@Nullable Object value) {
		return (value instanceof Map<?, ?>)
				? (Map<String, @Nullable Object>) Objects.requireNonNull(BsonValues.toPlain(value))
				: new LinkedHashMap<>();
	}

}
