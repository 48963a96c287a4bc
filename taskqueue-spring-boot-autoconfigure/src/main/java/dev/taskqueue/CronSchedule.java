package dev.taskqueue;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.scheduling.support.CronExpression;

/**
 * The times of five crontab fields in a zone.
 * <p>
 * {@link CronExpression} is asked on the local calendar only, where no hour is missing or
 * comes twice, and the zone is applied to what it says. On a {@code ZonedDateTime} it
 * loses a fixed time in spring, doubles it in autumn, and drops the whole day where the
 * clocks change at midnight.
 *
 * @param expression the five fields as given
 * @param zone the zone of their times
 * @param days the fields for Spring, twice where either of two day fields is enough; none
 * that is never due
 * @param elapsed whether each minute that really passes counts, so that an hour that
 * comes twice counts twice and one that is left out does not
 */
record CronSchedule(String expression, ZoneId zone, List<CronExpression> days, boolean elapsed) implements Schedule {

	@Override
	public Instant next(Instant after) {
		ScheduleRange.check("after", after);
		return this.elapsed ? nextElapsed(after) : nextOfClock(after);
	}

	/** Minutes that really pass: from one change of the offset to the other. */
	private Instant nextElapsed(Instant after) {
		ZoneRules rules = this.zone.getRules();
		ZoneOffset offset = rules.getOffset(after);
		ZoneOffsetTransition change = rules.nextTransition(after);
		Instant next = nextLocal(LocalDateTime.ofInstant(after, offset)).toInstant(offset);
		while (change != null && !next.isBefore(change.getInstant())) {
			next = nextLocal(change.getDateTimeAfter().minusNanos(1)).toInstant(change.getOffsetAfter());
			change = rules.nextTransition(change.getInstant());
		}
		return next;
	}

	/** Times that a clock on the wall shows: each once, those in a gap at its end. */
	private Instant nextOfClock(Instant after) {
		ZoneRules rules = this.zone.getRules();
		LocalDateTime local = LocalDateTime.ofInstant(after, this.zone);
		ZoneOffsetTransition overlap = rules.getTransition(local);
		if (overlap != null && rules.getOffset(after).equals(overlap.getOffsetAfter())) {
			// the second pass: all that it shows has been in the first
			local = overlap.getDateTimeBefore().minusNanos(1);
		}
		LocalDateTime next = nextLocal(local);
		ZoneOffsetTransition gap = rules.getTransition(next);
		// where a time comes twice, the offset is that of the first
		return (gap != null && gap.isGap()) ? gap.getInstant() : next.toInstant(rules.getOffset(next));
	}

	private LocalDateTime nextLocal(LocalDateTime after) {
		LocalDateTime earliest = null;
		for (CronExpression expression : this.days) {
			earliest = earlier(earliest, Objects.requireNonNull(expression.next(after)));
		}
		return Objects.requireNonNull(earliest);
	}

	private static LocalDateTime earlier(@Nullable LocalDateTime one, LocalDateTime other) {
		return (one != null && one.isBefore(other)) ? one : other;
	}

	@Override
	public String toString() {
		return this.expression + " in " + this.zone;
	}

}
