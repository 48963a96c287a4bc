package dev.taskqueue;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A field of a crontab line, in the line's order: which values a text stands for, by the
 * rules of crontab(5). Spring reads some texts in other ways ({@code 7-7} is the whole
 * week there, {@code *}{@code /2} begins with Monday), so it is only given plain numbers.
 */
enum CronField {

	MINUTE("minute", "0-59", 0, 59),

	HOUR("hour", "0-23", 0, 23),

	DAY_OF_MONTH("day-of-month", "1-31", 1, 31),

	MONTH("month", "1-12 or jan-dec", 1, 12, "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
			"nov", "dec"),

	DAY_OF_WEEK("day-of-week", "0-7 or sun-sat", 0, 7, "sun", "mon", "tue", "wed", "thu", "fri", "sat");

	private final String label;

	private final String expected;

	private final int min;

	private final int max;

	@SuppressWarnings("ImmutableEnumChecker") // of List.of
	private final List<String> names;

	CronField(String label, String expected, int min, int max, String... names) {
		this.label = label;
		this.expected = expected;
		this.min = min;
		this.max = max;
		this.names = List.of(names);
	}

	/**
	 * Reads a field.
	 * @param text the text
	 * @return its values as a list of numbers; Sunday is 0
	 * @throws IllegalArgumentException if it has none or others
	 */
	String read(String text) {
		BitSet values = new BitSet();
		for (String part : text.split(",", -1)) {
			if (part.isEmpty()) {
				throw wrong(text, "without empty parts. Remove the comma that is too many");
			}
			add(part, values);
		}
		if (this == DAY_OF_WEEK && values.get(7)) {
			values.clear(7);
			values.set(0);
		}
		return values.stream().mapToObj(Integer::toString).collect(Collectors.joining(","));
	}

	private void add(String part, BitSet values) {
		int slash = part.indexOf('/');
		String range = (slash < 0) ? part : part.substring(0, slash);
		int dash = range.indexOf('-');
		boolean isAll = range.equals("*");
		int first = isAll ? this.min : value((dash < 0) ? range : range.substring(0, dash), part);
		int last = isAll ? this.max : (dash < 0) ? first : end(first, range.substring(dash + 1), part);
		if (first > last) {
			throw wrong(part, "a range that runs forward. Write "
					+ ((slash < 0) ? "'" + first + "-" + this.max + "," + this.min + "-" + last + "'" : "a list"));
		}
		int step = 1;
		if (slash >= 0) {
			step = step(part, part.substring(slash + 1));
			if (dash < 0 && !isAll) {
				throw wrong(part, "a range or '*' before a step. Write '"
						+ ((first == this.min) ? "*" : first + "-" + this.max) + "/" + step + "'");
			}
		}
		for (int value = first; value <= last; value += step) {
			values.set(value);
		}
	}

	private int value(String text, String part) {
		int value = this.names.indexOf(text.toLowerCase(Locale.ROOT));
		value = (value < 0) ? number(text) : value + this.min;
		if (value < this.min || value > this.max) {
			throw wrong(part,
					this.expected + (isQuartz(text)
							? ", but none of Quartz's '?', 'L', 'W' and '#'. Write '*' for any day, or the days"
							: ", '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field"));
		}
		return value;
	}

	/** The end of a range, where Sunday by name comes after Saturday. */
	private int end(int first, String text, String part) {
		int end = value(text, part);
		return (this == DAY_OF_WEEK && text.equalsIgnoreCase("sun") && first > 0) ? 7 : end;
	}

	private int step(String part, String text) {
		int step = number(text);
		if (step < 1 || step > this.max) {
			throw wrong(part, "a step of 1-" + this.max + ". Write such a step, or a single number for one time");
		}
		return step;
	}

	private boolean isQuartz(String text) {
		return (this == DAY_OF_MONTH || this == DAY_OF_WEEK)
				&& (text.equals("?") || text.endsWith("L") || text.endsWith("W") || text.indexOf('#') > 0);
	}

	/** ASCII digits only, as the other programs that read such rows do; -1 for others. */
	private static int number(String text) {
		boolean isNumber = !text.isEmpty() && text.length() < 9 && text.chars().allMatch((c) -> c >= '0' && c <= '9');
		return isNumber ? Integer.parseInt(text) : -1;
	}

	private IllegalArgumentException wrong(String value, String expected) {
		return new IllegalArgumentException(
				this.label + " is " + ScheduleText.quoted(value) + ", expected " + expected + ".");
	}

	@Override
	public String toString() {
		return this.label;
	}

}
