package dev.taskqueue.crontab;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of the times of a recurring row that were missed.
 */
enum Misfire {

	/** One run for all of them. */
	ONCE,

	/** A run for each. */
	ALL,

	/** None. */
	SKIP;

	private static final List<Misfire> VALUES = List.of(values());

	static @Nullable Misfire read(@Nullable Object value) {
		if (value == null) {
			return ONCE;
		}
		return VALUES.stream().filter((misfire) -> misfire.text().equals(value)).findFirst().orElse(null);
	}

	static String texts() {
		return Arrays.toString(VALUES.stream().map((misfire) -> '"' + misfire.text() + '"').toArray());
	}

	private String text() {
		return name().toLowerCase(Locale.ROOT);
	}

}
