package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.Date;
import java.util.List;

import org.bson.Document;

/**
 * When a recurring row is due next, as the row itself tells its owner.
 *
 * @param schedule what they follow from, as text
 * @param times the first of them; none behind the end
 */
record NextTimes(String schedule, List<Instant> times) {

	private static final String SCHEDULE = "schedule";

	private static final String TIMES = "times";

	static NextTimes storedIn(Document row) {
		return (row.get(RowFields.NEXT) instanceof Document next && next.get(SCHEDULE) instanceof String schedule
				&& next.get(TIMES) instanceof List<?> times && times.stream().allMatch(Date.class::isInstance))
						? new NextTimes(schedule, times.stream().map((time) -> ((Date) time).toInstant()).toList())
						: new NextTimes("", List.of());
	}

	/** Whether a row's time is the first of them; otherwise its owner has set it. */
	boolean beginWith(Instant time) {
		return !this.times.isEmpty() && this.times.get(0).equals(time);
	}

	/**
	 * Whether a row's time is the first of them, and its owner has changed the schedule.
	 */
	boolean followFromOther(String schedule, Instant time) {
		return beginWith(time) && !this.schedule.equals(schedule);
	}

	boolean isOver() {
		return this.times.isEmpty();
	}

	Instant first() {
		return this.times.get(0);
	}

	Document toDocument() {
		return new Document(SCHEDULE, this.schedule).append(TIMES, this.times.stream().map(Date::from).toList());
	}

}
