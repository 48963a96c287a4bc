package dev.taskqueue.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import dev.taskqueue.crontab.CrontabStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The schedules.
 *
 * @param enabled whether this application can turn rows into jobs
 * @param leader whether it is the one that does so now
 * @param lastTick when it last looked for due rows
 * @param due rows that are due and not yet jobs; {@code 10000+} where there are more
 * @param lag how long the oldest of them has been due
 * @param rowsWithErrors rows that wait for their owner, counted as {@code due} is
 * @param errors some of them
 * @param periodic a page of the rows that recur, whoever asks for them
 * @param next what to give as {@code after} for the page that follows; null at the end
 */
public record CrontabDescriptor(boolean enabled, boolean leader, @Nullable Instant lastTick, @Nullable String due,
		@Nullable Duration lag, @Nullable String rowsWithErrors, List<RowDescriptor> errors,
		List<PeriodicJobDescriptor> periodic, @Nullable String next) implements OperationResponseBody {

	static CrontabDescriptor of(@Nullable CrontabStatus status, List<RowDescriptor> errors,
			List<PeriodicJobDescriptor> periodic, @Nullable String next) {
		if (status == null) {
			return new CrontabDescriptor(false, false, null, null, null, null, errors, periodic, next);
		}
		return new CrontabDescriptor(true, status.isLeader(), status.lastTick(), count(status.due()), status.lag(),
				count(status.rowsWithErrors()), errors, periodic, next);
	}

	private static String count(long counted) {
		return (counted >= CrontabStatus.MOST) ? (CrontabStatus.MOST - 1) + "+" : String.valueOf(counted);
	}

	/**
	 * A row that waits for its owner.
	 *
	 * @param id the row's id
	 * @param name its label
	 * @param function its function
	 * @param field the field to mend
	 * @param value what that holds
	 * @param message what is wrong and what to do
	 * @param at since when
	 */
	public record RowDescriptor(String id, String name, String function, String field, @Nullable Object value,
			String message, @Nullable Instant at) {
	}

}
