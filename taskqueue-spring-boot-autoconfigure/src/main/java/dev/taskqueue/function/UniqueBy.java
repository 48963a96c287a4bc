package dev.taskqueue.function;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What makes the jobs of a function unique: an expression of its arguments.
 */
final class UniqueBy {

	private final String function;

	private final ArgumentExpression expression;

	private UniqueBy(String function, ArgumentExpression expression) {
		this.function = function;
		this.expression = expression;
	}

	/**
	 * Reads an expression.
	 * @param function the function's name
	 * @param text the expression
	 * @param parameters the function's
	 * @return the expression
	 * @throws IllegalArgumentException as {@link ArgumentExpression#parse}
	 */
	static UniqueBy parse(String function, String text, List<Parameter> parameters) {
		return new UniqueBy(function, ArgumentExpression.parse(text, parameters));
	}

	/**
	 * The value for some arguments.
	 * @param arguments one for each parameter
	 * @return the value as text
	 * @throws IllegalArgumentException if there is none
	 */
	String value(@Nullable Object[] arguments) {
		try {
			return this.expression.value(arguments);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("Function '" + this.function + "': uniqueBy " + ex.getMessage()
					+ ". Give arguments that it has a value for, or give the job a uniqueKey of its own.", ex);
		}
	}

}
