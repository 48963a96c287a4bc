package dev.taskqueue.actuate;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.taskqueue.Misfire;
import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.WhileRunning;
import org.jspecify.annotations.Nullable;

/**
 * What is to be different in a row of the crontab, as texts. What is null stays.
 * Arguments are JSON in a text, as in {@link JobChangeText}.
 *
 * @param cron a cron expression, instead of an interval too
 * @param every an interval, instead of a cron expression too
 * @param zone the zone of the cron expression
 * @param params the positional arguments
 * @param kwargs the arguments by name
 * @param startTime no run before it; the text none lifts it
 * @param endTime no run after it; the text none lifts it
 * @param queue the queue of the jobs
 * @param priority the priority of the jobs
 * @param misfire what becomes of missed times
 * @param whileRunning what happens while the last job goes on
 */
record RowEdit(@Nullable String cron, @Nullable String every, @Nullable String zone, @Nullable String params,
		@Nullable String kwargs, @Nullable String startTime, @Nullable String endTime, @Nullable String queue,
		@Nullable String priority, @Nullable String misfire, @Nullable String whileRunning) {

	static final List<String> FIELDS = List.of("cron", "every", "zone", "params", "kwargs", "startTime", "endTime",
			"queue", "priority", "misfire", "whileRunning");

	/**
	 * The change that they ask for.
	 * @return the change
	 * @throws IllegalArgumentException if there is none, or a value cannot be read
	 */
	Consumer<PeriodicJobBuilder> change() {
		if (Stream
			.of(this.cron, this.every, this.zone, this.params, this.kwargs, this.startTime, this.endTime, this.queue,
					this.priority, this.misfire, this.whileRunning)
			.allMatch(Objects::isNull)) {
			throw new IllegalArgumentException(
					"Nothing is to be changed. Give one of " + String.join(", ", FIELDS) + ".");
		}
		if (this.cron != null && this.every != null) {
			throw new IllegalArgumentException(
					"every is '" + this.every + "', expected nothing, since cron is '" + this.cron + "'.");
		}
		return this::apply;
	}

	private void apply(PeriodicJobBuilder job) {
		if (this.cron != null) {
			job.cron(this.cron);
		}
		if (this.every != null) {
			job.every(this.every);
		}
		if (this.zone != null) {
			job.zone(zone(this.zone));
		}
		if (this.params != null) {
			job.args(JobChangeText.params(this.params).toArray());
		}
		if (this.kwargs != null) {
			job.kwargs(JobChangeText.kwargs(this.kwargs));
		}
		if (this.startTime != null) {
			job.startTime(time("startTime", this.startTime));
		}
		if (this.endTime != null) {
			job.endTime(time("endTime", this.endTime));
		}
		if (this.queue != null) {
			job.queue(this.queue);
		}
		if (this.priority != null) {
			job.priority(TaskQueueActions.number("priority", this.priority, "a whole number"));
		}
		if (this.misfire != null) {
			job.misfire(choice("misfire", this.misfire, Misfire.values()));
		}
		if (this.whileRunning != null) {
			job.whileRunning(choice("whileRunning", this.whileRunning, WhileRunning.values()));
		}
	}

	private static @Nullable Instant time(String field, String text) {
		return text.equals("none") ? null : TaskQueueActions.instant(field, text);
	}

	private static ZoneId zone(String text) {
		try {
			return ZoneId.of(text);
		}
		catch (DateTimeException ex) {
			throw new IllegalArgumentException("zone is '" + text + "', expected a time zone such as Europe/Berlin.",
					ex);
		}
	}

	private static <E extends Enum<E>> E choice(String field, String text, E[] values) {
		return Arrays.stream(values)
			.filter((value) -> value.name().toLowerCase(Locale.ROOT).equals(text))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException(field + " is '" + text + "', expected one of "
					+ Arrays.toString(values).toLowerCase(Locale.ROOT) + "."));
	}

}
