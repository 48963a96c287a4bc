package dev.taskqueue.function;

import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * The lock of a function's jobs: one for all of them, or one that depends on the
 * arguments.
 */
final class LockName {

	private static final int LONGEST = 1000;

	private final String function;

	private final String text;

	private final @Nullable ArgumentExpression expression;

	private LockName(String function, String text, @Nullable ArgumentExpression expression) {
		this.function = function;
		this.text = text;
		this.expression = expression;
	}

	/**
	 * Reads the attribute.
	 * @param function the function's name
	 * @param text a name, or with {@code #} in it an expression
	 * @param parameters the function's
	 * @return the lock
	 * @throws IllegalArgumentException if it is neither; the message says what is
	 * expected
	 */
	static LockName parse(String function, String text, List<Parameter> parameters) {
		if (text.isBlank() || text.length() > LONGEST) {
			throw new IllegalArgumentException("expected the name of a lock, of " + LONGEST + " characters at most");
		}
		return new LockName(function, text, text.contains("#") ? ArgumentExpression.parse(text, parameters) : null);
	}

	/**
	 * The name of the lock.
	 * @param arguments asked for one for each parameter, where the name depends on them
	 * @throws InvalidArgumentException if no name comes from them
	 */
	String of(Supplier<@Nullable Object[]> arguments) {
		if (this.expression == null) {
			return this.text;
		}
		@Nullable Object[] values = arguments.get();
		String name;
		try {
			name = this.expression.value(values);
		}
		catch (IllegalArgumentException ex) {
			throw invalid(null, String.valueOf(ex.getMessage()), ex);
		}
		if (name.isBlank() || name.length() > LONGEST) {
			throw invalid(name, this.expression + " is " + ArgumentMapper.quote(name)
					+ ", expected the name of a lock, of " + LONGEST + " characters at most", null);
		}
		return name;
	}

	private InvalidArgumentException invalid(@Nullable String value, String problem, @Nullable Throwable cause) {
		return new InvalidArgumentException("lock", value, "Function '" + this.function + "': lock " + problem
				+ ". Give arguments that it has a value for, or give the job a lock of its own.", cause);
	}

}
