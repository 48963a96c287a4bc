package dev.taskqueue.violations.claim;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Date;
import java.util.function.Supplier;

class ClockReader {

	Instant callsNow() {
		return Instant.now();
	}

	Supplier<Instant> refersToNow() {
		return Instant::now;
	}

	LocalDate readsToday(ZoneId zone) {
		return LocalDate.now(zone);
	}

	long readsMillis() {
		return System.currentTimeMillis();
	}

	@SuppressWarnings("JavaUtilDate")
	Date makesDate() {
		return new Date();
	}

	Clock takesClock() {
		return Clock.systemUTC();
	}

	@SuppressWarnings("JavaUtilDate")
	Date mayMakeDateOf(Instant instant) {
		return Date.from(instant);
	}

	Instant mayAskTheClockThatItWasGiven(Clock clock) {
		return Instant.now(clock);
	}

	long mayMeasureDistance() {
		return System.nanoTime();
	}

}
