package dev.taskqueue.submit;

import java.time.Instant;
import java.util.Comparator;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.taskqueue.DuplicateJobException;
import dev.taskqueue.JobState;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.store.BsonValues;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonSerializationException;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.codecs.Codec;
import org.bson.codecs.configuration.CodecConfigurationException;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A job on its way into the store, encoded, with what became of it. Whoever writes it is
 * the only one to touch it.
 */
final class NewJob {

	/**
	 * The server takes 16 MiB; the rest is for what a worker adds (error, log, result): a
	 * job that fills the document could never end.
	 */
	private static final long LARGEST = 15L * 1024 * 1024;

	/** What makes two documents the same job. */
	private static final List<String> SAMENESS = List.of(JobDocument.FUNCTION, JobDocument.PARAMS, JobDocument.KWARGS,
			JobDocument.QUEUE);

	private final RawBsonDocument document;

	private final int size;

	private final Object id;

	private final String function;

	private final String queue;

	private final boolean due;

	private final @Nullable Instant later;

	private final @Nullable String uniqueKey;

	private final OnDuplicate onDuplicate;

	private final Instant createdAt;

	private @Nullable Object firstId;

	private boolean replacing;

	private State state = State.OPEN;

	private boolean tried;

	private boolean alone;

	private volatile @Nullable RuntimeException failure;

	private NewJob(Document document, OnDuplicate onDuplicate, RawBsonDocument encoded, int size) {
		this.document = encoded;
		this.size = size;
		this.id = document.get(JobDocument.ID, Object.class);
		this.function = String.valueOf(document.get(JobDocument.FUNCTION));
		this.queue = (document.get(JobDocument.QUEUE) instanceof String name) ? name : JobDocument.DEFAULT_QUEUE;
		this.due = isDue(document);
		this.later = later(document);
		this.uniqueKey = (document.get(JobDocument.UNIQUE_KEY) instanceof String key) ? key : null;
		this.onDuplicate = onDuplicate;
		this.createdAt = (document.get(JobDocument.CREATED_AT) instanceof Date date) ? date.toInstant() : Instant.EPOCH;
	}

	/** Whether a job waits for nothing but its turn. */
	static boolean isDue(Document job) {
		return later(job) == null && !JobState.RUNNING.text().equals(job.get(JobDocument.STATE));
	}

	private static @Nullable Instant later(Document job) {
		return (job.get(JobDocument.RUN_AT) instanceof Date runAt
				&& job.get(JobDocument.CREATED_AT) instanceof Date createdAt && runAt.after(createdAt))
						? runAt.toInstant() : null;
	}

	/**
	 * Encodes a job and holds it to its limit.
	 * @param submission the job; gets an id if it has none
	 * @param codec of the store
	 * @param maxBytes the limit of one document
	 * @return the job
	 * @throws IllegalArgumentException if it cannot be written or is too large
	 */
	static NewJob of(Submission submission, Codec<Document> codec, long maxBytes) {
		Document document = submission.job();
		Document job = document;
		if (!document.containsKey(JobDocument.ID)) {
			job = new Document(JobDocument.ID, new ObjectId());
			job.putAll(document);
		}
		RawBsonDocument encoded;
		try {
			encoded = new RawBsonDocument(job, codec);
		}
		catch (CodecConfigurationException | BsonSerializationException ex) {
			throw new IllegalArgumentException(
					name(job) + " cannot be written: " + ex.getMessage()
							+ ". Give arguments that BSON has: texts, numbers, dates, UUIDs, bytes, lists and maps.",
					ex);
		}
		long limit = Math.min(maxBytes, LARGEST);
		int size = encoded.getByteBuffer().remaining();
		if (size > limit) {
			throw new IllegalArgumentException(
					"%s has %d bytes, expected at most %d; its largest argument is %s. ".formatted(name(job), size,
							limit, largestArgument(job, codec)) + "Store the data elsewhere and give the job its id.");
		}
		return new NewJob(job, submission.onDuplicate(), encoded, size);
	}

	RawBsonDocument document() {
		return this.document;
	}

	int size() {
		return this.size;
	}

	Object id() {
		return this.id;
	}

	String idText() {
		return String.valueOf(BsonValues.toPlain(this.id));
	}

	/** The id of the job that stands for this one: its own mostly. */
	String resultId() {
		return (this.firstId != null) ? String.valueOf(BsonValues.toPlain(this.firstId)) : idText();
	}

	/** The key that no other job may have at the same time; null mostly. */
	@Nullable String uniqueKey() {
		return this.uniqueKey;
	}

	OnDuplicate onDuplicate() {
		return this.onDuplicate;
	}

	/** The server's time at the submit. */
	Instant createdAt() {
		return this.createdAt;
	}

	String function() {
		return this.function;
	}

	String queue() {
		return this.queue;
	}

	/** Its time, where that is to come; else null. */
	@Nullable Instant later() {
		return this.later;
	}

	/** Whether it waits for nothing but its turn. */
	boolean isDue() {
		return this.due;
	}

	/** Whether the id was made here, so that nobody else can have used it. */
	boolean isIdOurs() {
		return this.id instanceof ObjectId;
	}

	/** Whether an insert of it was sent, so that it may exist. */
	boolean isTried() {
		return this.tried;
	}

	/** Whether it must be written apart from others. */
	boolean isAlone() {
		return this.alone;
	}

	boolean isOpen() {
		return this.state == State.OPEN;
	}

	boolean isTaken() {
		return this.state == State.TAKEN;
	}

	/** Whether it is none, since another job has its key. */
	boolean isDuplicate() {
		return this.state == State.DUPLICATE;
	}

	/** Whether a replacement of another job by it was sent. */
	boolean isReplacing() {
		return this.replacing;
	}

	/** Why it was refused, or what went wrong last. */
	@Nullable RuntimeException failure() {
		return this.failure;
	}

	void taken() {
		this.state = State.TAKEN;
	}

	/** Another job has its key. */
	void duplicateOf(Object firstId) {
		this.firstId = firstId;
		this.state = State.DUPLICATE;
		this.failure = null;
	}

	/** A replacement of another job by it is sent. */
	void replacing() {
		this.replacing = true;
	}

	/** It has replaced the job that had its key. */
	void replaced(Object firstId) {
		this.firstId = firstId;
		taken();
	}

	RuntimeException duplicate(String firstId) {
		return new DuplicateJobException(
				this + " was not submitted: job " + firstId + " has its unique key '" + this.uniqueKey + "'.",
				String.valueOf(this.uniqueKey), firstId);
	}

	void refused(RuntimeException reason) {
		this.state = State.REFUSED;
		this.failure = reason;
	}

	/** It was sent, and may exist or not. */
	void tried() {
		this.tried = true;
	}

	/** It may exist or not: to be sent again. */
	void unknown(RuntimeException cause) {
		this.tried = true;
		this.failure = cause;
		CrashPoint.SUBMIT_UNKNOWN.reached();
	}

	/** Nobody could say whose fault a failure of the whole group is: once more, apart. */
	void writeAlone(RuntimeException cause) {
		this.alone = true;
		unknown(cause);
	}

	/** To be sent again, as an id that was there is no longer. */
	void vanished(RuntimeException duplicate) {
		this.failure = duplicate;
	}

	/**
	 * Whether a stored job is this one.
	 * @param stored the stored job under the same id
	 * @return true if function, arguments and queue are the same; times, priority and
	 * attempts may differ, as they do when one call is made twice
	 */
	boolean isSameAs(BsonDocument stored) {
		return SAMENESS.stream().allMatch((field) -> value(this.document, field).equals(value(stored, field)));
	}

	RuntimeException takenByOther() {
		return new IllegalArgumentException(this + ": another job has the id '" + idText()
				+ "', with another function, other arguments or another queue. Give each job an id of its own.");
	}

	@Override
	public String toString() {
		return name(this.idText(), this.function);
	}

	private static BsonValue value(BsonDocument document, String field) {
		BsonValue value = document.get(field);
		if (value != null) {
			return value;
		}
		return switch (field) {
			case JobDocument.QUEUE -> new BsonString(JobDocument.DEFAULT_QUEUE);
			case JobDocument.KWARGS -> new BsonDocument();
			default -> BsonNull.VALUE;
		};
	}

	private static String name(Document job) {
		return name(String.valueOf(BsonValues.toPlain(job.get(JobDocument.ID))),
				String.valueOf(job.get(JobDocument.FUNCTION)));
	}

	private static String name(String id, String function) {
		return "Job " + id + " of function '" + function + "'";
	}

	private static String largestArgument(Document job, Codec<Document> codec) {
		Map<String, Integer> sizes = new LinkedHashMap<>();
		if (job.get(JobDocument.PARAMS) instanceof List<?> params) {
			for (int i = 0; i < params.size(); i++) {
				sizes.put("number " + (i + 1), size(params.get(i), codec));
			}
		}
		if (job.get(JobDocument.KWARGS) instanceof Map<?, ?> kwargs) {
			kwargs.forEach((name, value) -> sizes.put("'" + name + "'", size(value, codec)));
		}
		return sizes.entrySet()
			.stream()
			.max(Comparator.comparingInt(Map.Entry::getValue))
			.map((largest) -> largest.getKey() + " with " + largest.getValue())
			.orElse("none");
	}

	private static int size(@Nullable Object value, Codec<Document> codec) {
		return new RawBsonDocument(new Document("", value), codec).getByteBuffer().remaining();
	}

	private enum State {

		OPEN, TAKEN, DUPLICATE, REFUSED

	}

}
