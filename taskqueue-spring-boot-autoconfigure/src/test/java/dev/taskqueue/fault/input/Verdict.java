package dev.taskqueue.fault.input;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import dev.taskqueue.testsupport.BsonBytes;
import dev.taskqueue.testsupport.BsonBytes.Field;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonSymbol;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Says whether what became of a document is allowed. Of a key that occurs twice the
 * server sees the first one, and so does this.
 */
final class Verdict {

	static final Set<String> FUNCTIONS = Set.of("text", "number", "any", "map", "list", "point", "color", "drawing",
			"application");

	private static final Set<String> WRITTEN_TO_JOBS = Set.of("state", "attempt", "worker", "claim", "claimed_at",
			"finished_at", "result", "error", "delete_at", "recoveries", "recovered_by", "run_at", "queue", "progress",
			"expired_by", "unique_key", "ended_key");

	private static final Set<String> WRITTEN_TO_ROWS = Set.of("is_done", "job_id", "last_time", "dispatched_at",
			"update_at", "next", "error", "time", "skipped");

	private final Map<String, Field> before;

	private final Map<String, Field> after;

	private final List<Field> allBefore;

	private final List<Field> allAfter;

	private final long now;

	private Verdict(RawBsonDocument before, RawBsonDocument after, long now) {
		this.allBefore = BsonBytes.fieldsOf(before);
		this.allAfter = BsonBytes.fieldsOf(after);
		this.before = first(this.allBefore);
		this.after = first(this.allAfter);
		this.now = now;
	}

	/**
	 * Judges a job.
	 * @param now epoch seconds
	 * @return what is wrong, or null
	 */
	static @Nullable String ofJob(RawBsonDocument before, @Nullable RawBsonDocument after, long now) {
		return (after != null) ? new Verdict(before, after, now).ofJob() : "it vanished";
	}

	/**
	 * Judges a row.
	 * @param now epoch seconds
	 * @return what is wrong, or null
	 */
	static @Nullable String ofRow(RawBsonDocument before, @Nullable RawBsonDocument after, long now) {
		return (after != null) ? new Verdict(before, after, now).ofRow() : "it vanished";
	}

	private @Nullable String ofJob() {
		String changed = changed(WRITTEN_TO_JOBS);
		if (changed != null) {
			return changed;
		}
		String was = text(this.before, "state");
		if (!"pending".equals(was) && !"running".equals(was)) {
			return isUntouched() || hasOnlyLetGoOfItsKey() || (mayBeTakenForPending() && isRefused()) ? null
					: "its state is none, and it was written to";
		}
		String state = String.valueOf(text(this.after, "state"));
		return switch (state) {
			case "succeeded" -> mayRun() ? null : "it succeeded without a function";
			case "failed" -> hasReason() || isFull() ? null : "it failed without a reason";
			case "cancelled" -> BsonBoolean.TRUE.equals(value(this.before, "cancel_requested")) ? null
					: "it was cancelled and nobody asked for it";
			case "expired" -> isDate(this.before, "expires_at") ? null : "it expired without a time";
			case "pending" -> mayWait() ? null : "it is pending";
			default -> "its state is " + state;
		};
	}

	/**
	 * To the server, a list is what it holds. Its elements may be such that nobody can
	 * read them.
	 */
	private boolean mayBeTakenForPending() {
		return isArray("state")
				&& new String(Objects.requireNonNull(this.before.get("state")).bytes(), StandardCharsets.ISO_8859_1)
					.contains("pending");
	}

	private boolean isRefused() {
		return "failed".equals(text(this.after, "state")) && hasReason();
	}

	/** What is not pending and does not run must not keep others from its key. */
	private boolean hasOnlyLetGoOfItsKey() {
		BsonValue key = value(this.before, "unique_key");
		return key != null && key.equals(value(this.after, "ended_key"))
				&& changed(Set.of("unique_key", "ended_key")) == null;
	}

	private boolean mayRun() {
		return FUNCTIONS.contains(String.valueOf(text(this.before, "function"))) || isArray("function");
	}

	private boolean mayWait() {
		String function = text(this.before, "function");
		// a symbol compares as a text, and so names a function that nobody has
		return (function != null && !FUNCTIONS.contains(function)) || isArray("function")
				|| value(this.before, "function") instanceof BsonSymbol || isArray("run_at")
				|| (value(this.before, "run_at") instanceof BsonDateTime date && date.getValue() > this.now * 1000);
	}

	private boolean hasReason() {
		return value(this.after, "error") instanceof BsonDocument error
				&& error.get("reason") instanceof BsonString reason && !reason.getValue().isEmpty()
				&& error.get("message") instanceof BsonString message && message.getValue().length() > 10;
	}

	/** Whether there is no room for a reason. */
	private boolean isFull() {
		return this.allAfter.stream().mapToInt((field) -> field.bytes().length).sum() > 16 * 1024 * 1024 - 1024;
	}

	private @Nullable String ofRow() {
		if (!BsonBoolean.FALSE.equals(value(this.before, "is_done"))
				|| BsonBoolean.FALSE.equals(value(this.before, "enabled"))) {
			return isUntouched() ? null : "it is not ours, and it was written to";
		}
		String changed = changed(WRITTEN_TO_ROWS);
		if (changed != null) {
			return changed;
		}
		if (hasError()) {
			return isUntouchedBut("error") ? null : "it has an error, and more was written to it";
		}
		if (BsonBoolean.TRUE.equals(value(this.after, "is_done"))) {
			return isDate(this.after, "dispatched_at") && text(this.after, "job_id") != null ? null
					: "it is done and has no job";
		}
		if (isRecurring() && !isFull()) {
			return value(this.after, "next") instanceof BsonDocument ? null : "it recurs and has no next times";
		}
		return isAhead() || isFull() ? null : "it is due, undone and has no error";
	}

	private boolean hasError() {
		Field error = this.after.get("error");
		return error != null && !error.isSameAs(this.before.get("error"))
				&& error.value() instanceof BsonDocument document
				&& document.keySet().equals(Set.of("field", "value", "message", "at"))
				&& document.get("message") instanceof BsonString message && message.getValue().length() > 10
				&& document.get("at") instanceof BsonDateTime;
	}

	private boolean isRecurring() {
		return isThere("cron") || isThere("every");
	}

	private boolean isThere(String field) {
		Field there = this.before.get(field);
		return there != null && (there.value() == null || !(there.value().isNull()));
	}

	private boolean isAhead() {
		BsonValue time = value(this.before, "time");
		if (time instanceof BsonDateTime date) {
			return date.getValue() > this.now * 1000;
		}
		return time != null && time.isNumber() && time.asNumber().doubleValue() > this.now;
	}

	private boolean isUntouched() {
		return isUntouchedBut("");
	}

	private boolean isUntouchedBut(String field) {
		return changed(Set.of(field)) == null;
	}

	/** The first field that was changed, though it is not for the queue to write. */
	private @Nullable String changed(Set<String> own) {
		List<Field> had = foreign(this.allBefore, own);
		List<Field> has = foreign(this.allAfter, own);
		for (int i = 0; i < Math.max(had.size(), has.size()); i++) {
			if (i >= had.size() || i >= has.size() || !had.get(i).isSameAs(has.get(i))) {
				return "the field " + ((i < had.size()) ? had : has).get(i).name() + " was changed";
			}
		}
		return null;
	}

	private static List<Field> foreign(List<Field> fields, Set<String> own) {
		List<Field> foreign = new ArrayList<>(fields);
		foreign.removeIf((field) -> own.contains(field.name()) || field.name().equals("_id"));
		return foreign;
	}

	private boolean isArray(String field) {
		BsonValue value = value(this.before, field);
		return value != null && value.isArray();
	}

	private static boolean isDate(Map<String, Field> fields, String field) {
		return value(fields, field) instanceof BsonDateTime;
	}

	private static @Nullable String text(Map<String, Field> fields, String field) {
		return (value(fields, field) instanceof BsonString text) ? text.getValue() : null;
	}

	private static @Nullable BsonValue value(Map<String, Field> fields, String name) {
		Field field = fields.get(name);
		return (field != null) ? field.value() : null;
	}

	private static Map<String, Field> first(List<Field> all) {
		Map<String, Field> first = new LinkedHashMap<>();
		all.forEach((field) -> first.putIfAbsent(field.name(), field));
		return first;
	}

}
