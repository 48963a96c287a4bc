package dev.taskqueue;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Objects;

import org.springframework.scheduling.support.CronExpression;

/**
 * The times of a cron expression in a zone.
 */
final class CronSchedule implements Schedule {

	private final CronExpression expression;

	private final ZoneId zone;

	private CronSchedule(CronExpression expression, ZoneId zone) {
		this.expression = expression;
		this.zone = zone;
	}

	static Schedule of(String expression, ZoneId zone) {
		return new CronSchedule(CronExpression.parse("0 " + expression), zone);
	}

	@Override
	public Instant next(Instant after) {
		LocalDateTime next = this.expression.next(LocalDateTime.ofInstant(after, this.zone));
		return Objects.requireNonNull(next).atZone(this.zone).toInstant();
	}

}
