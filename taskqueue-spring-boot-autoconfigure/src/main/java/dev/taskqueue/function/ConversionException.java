package dev.taskqueue.function;

/**
 * A value does not fit; what was expected and the remedy, without the place.
 */
final class ConversionException extends RuntimeException {

	private final String expected;

	private final String remedy;

	ConversionException(String expected, String remedy) {
		super(expected + ". " + remedy, null, false, false);
		this.expected = expected;
		this.remedy = remedy;
	}

	/** Both, as the second half of a message. */
	String sentences() {
		return this.expected + ". " + this.remedy;
	}

}
