package dev.taskqueue.function;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import org.springframework.expression.EvaluationContext;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.SimpleEvaluationContext;

/**
 * A text that an attribute of a function makes of the arguments: a SpEL expression. It
 * can read properties and do sums, and reaches neither types nor beans.
 */
final class ArgumentExpression {

	private final SpelExpression expression;

	private final List<Parameter> parameters;

	private ArgumentExpression(SpelExpression expression, List<Parameter> parameters) {
		this.expression = expression;
		this.parameters = parameters;
	}

	/**
	 * Reads an expression.
	 * @param text the expression
	 * @param parameters the function's
	 * @return the expression
	 * @throws IllegalArgumentException if it is none, or names what is no parameter; the
	 * message says what is expected
	 */
	static ArgumentExpression parse(String text, List<Parameter> parameters) {
		SpelExpression expression;
		try {
			expression = new SpelExpressionParser().parseRaw(text);
		}
		catch (ParseException | IllegalStateException ex) {
			throw new IllegalArgumentException("expected a SpEL expression such as #order.id (" + ex.getMessage() + ")",
					ex);
		}
		Set<String> known = names(parameters);
		Set<String> used = new TreeSet<>();
		addVariables(expression.getAST(), used);
		for (String name : used) {
			if (!known.contains(name)) {
				throw new IllegalArgumentException("#" + name + " is no parameter, expected one of "
						+ String.join(", ", known.stream().map((each) -> "#" + each).toList())
						+ (parameters.stream().allMatch((parameter) -> parameter.name() == null)
								? "; for names, compile the class with -parameters" : ""));
			}
		}
		if (used.isEmpty()) {
			throw new IllegalArgumentException(
					"it depends on no parameter, so that all jobs would be one; expected an expression such as #order.id");
		}
		return new ArgumentExpression(expression, parameters);
	}

	/**
	 * The value for some arguments.
	 * @param arguments one for each parameter
	 * @return the value as text
	 * @throws IllegalArgumentException if there is none; the message says what it is
	 * instead, to be set behind the name of the attribute
	 */
	String value(@Nullable Object[] arguments) {
		EvaluationContext context = SimpleEvaluationContext.forReadOnlyDataBinding().build();
		for (int i = 0; i < arguments.length; i++) {
			String name = this.parameters.get(i).name();
			if (name != null) {
				context.setVariable(name, arguments[i]);
			}
			context.setVariable("p" + i, arguments[i]);
		}
		Object value;
		try {
			value = this.expression.getValue(context);
		}
		catch (EvaluationException ex) {
			throw new IllegalArgumentException(this + " cannot be evaluated for these arguments: " + ex.getMessage(),
					ex);
		}
		if (value == null) {
			throw new IllegalArgumentException(this + " is null for these arguments");
		}
		return String.valueOf(value);
	}

	private static Set<String> names(List<Parameter> parameters) {
		Set<String> names = new TreeSet<>();
		for (int i = 0; i < parameters.size(); i++) {
			String name = parameters.get(i).name();
			if (name != null) {
				names.add(name);
			}
			names.add("p" + i);
		}
		return names;
	}

	private static void addVariables(@Nullable SpelNode node, Set<String> names) {
		if (node == null) {
			return;
		}
		if (node instanceof VariableReference variable && !variable.toStringAST().equals("#this")) {
			names.add(variable.toStringAST().substring(1));
		}
		for (int i = 0; i < node.getChildCount(); i++) {
			addVariables(node.getChild(i), names);
		}
	}

	@Override
	public String toString() {
		return "'" + this.expression.getExpressionString() + "'";
	}

}
