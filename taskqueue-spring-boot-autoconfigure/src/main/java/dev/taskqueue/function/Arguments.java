package dev.taskqueue.function;

import java.lang.reflect.Array;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import dev.taskqueue.JobContext;
import dev.taskqueue.function.Parameter.Kind;
import org.springframework.context.ApplicationContext;

/**
 * Fills a function's parameters: by position from {@code params}, what is left by name
 * from {@code kwargs}, injected ones by type.
 * <p>
 * At the place of an {@code ApplicationContext} the text {@code "app"} is a placeholder.
 * So is null at the place of any injected parameter, unless what follows would then be
 * too little. All else there belongs to the next parameter.
 */
final class Arguments implements ArgumentBinder {

	private static final String PLACEHOLDER = "app";

	private final String name;

	private final String signature;

	private final List<Parameter> parameters;

	private final ArgumentMapper mapper;

	private final ApplicationContext application;

	Arguments(String name, String signature, List<Parameter> parameters, ArgumentMapper mapper,
			ApplicationContext application) {
		this.name = name;
		this.signature = signature;
		this.parameters = List.copyOf(parameters);
		this.mapper = mapper;
		this.application = application;
	}

	@Override
	public @Nullable Object[] bind(List<?> params, Map<String, ?> kwargs, @Nullable JobContext context) {
		return new Binding(params, kwargs, context).bind();
	}

	private final class Binding {

		private final List<?> params;

		private final Map<String, Object> open;

		private final Map<String, ?> kwargs;

		private final @Nullable JobContext context;

		private int next;

		private int placeholders;

		Binding(List<?> params, Map<String, ?> kwargs, @Nullable JobContext context) {
			this.params = params;
			this.kwargs = kwargs;
			this.open = new HashMap<>(kwargs);
			this.context = context;
		}

		@Nullable Object[] bind() {
			checkNames();
			List<Parameter> parameters = Arguments.this.parameters;
			@Nullable Object[] values = new @Nullable Object[parameters.size()];
			for (int i = 0; i < values.length; i++) {
				Parameter parameter = parameters.get(i);
				values[i] = switch (parameter.kind()) {
					case APPLICATION_CONTEXT -> {
						skipPlaceholder(parameter, i);
						yield Arguments.this.application;
					}
					case JOB_CONTEXT -> {
						skipPlaceholder(parameter, i);
						yield this.context;
					}
					case ARGUMENT -> value(parameter, i);
				};
			}
			if (this.next < this.params.size()) {
				throw wrongNumber("Leave out what is too much.");
			}
			return values;
		}

		private void checkNames() {
			if (this.kwargs.isEmpty()) {
				return;
			}
			if (Arguments.this.parameters.stream().anyMatch((parameter) -> parameter.name() == null)) {
				throw invalid("kwargs", this.kwargs, "expected nothing, since the names of the parameters of "
						+ Arguments.this.signature
						+ " are not known. Compile the class with -parameters, or give the arguments as params.");
			}
			for (Map.Entry<String, ?> entry : this.kwargs.entrySet()) {
				if (Arguments.this.parameters.stream()
					.noneMatch((parameter) -> entry.getKey().equals(parameter.name()))) {
					throw invalid("kwargs." + entry.getKey(), entry.getValue(),
							"expected a parameter of " + Arguments.this.signature + ": "
									+ Arguments.this.parameters.stream()
										.filter((parameter) -> parameter.kind() == Kind.ARGUMENT)
										.map((parameter) -> Objects.toString(parameter.name()))
										.collect(Collectors.joining(", "))
									+ ". Rename or remove it.");
				}
			}
		}

		private void skipPlaceholder(Parameter parameter, int index) {
			String key = parameter.name();
			if (key != null && this.open.containsKey(key)) {
				Object value = this.open.remove(key);
				if (value != null && !PLACEHOLDER.equals(value)) {
					throw invalid("kwargs." + key, value,
							"expected nothing, since this " + parameter.typeText() + " is injected. Remove it.");
				}
				return;
			}
			if (this.next == this.params.size()) {
				return;
			}
			Object value = this.params.get(this.next);
			if (PLACEHOLDER.equals(value) && parameter.kind() == Kind.APPLICATION_CONTEXT) {
				takePlaceholder();
			}
			else if (value == null) {
				long required = Arguments.this.parameters.stream()
					.skip(index + 1L)
					.filter((other) -> other.isRequired() && !isNamed(other))
					.count();
				if (this.params.size() - this.next - 1 >= required) {
					takePlaceholder();
				}
			}
		}

		private void takePlaceholder() {
			this.next++;
			this.placeholders++;
		}

		private boolean isNamed(Parameter parameter) {
			return parameter.name() != null && this.kwargs.containsKey(parameter.name());
		}

		private @Nullable Object value(Parameter parameter, int index) {
			if (this.next < this.params.size()) {
				if (isNamed(parameter)) {
					throw invalid("kwargs." + parameter.name(), this.kwargs.get(parameter.name()),
							"expected nothing, since params[" + this.next
									+ "] is this argument too. Remove one of them.");
				}
				if (parameter.isVarArgs()) {
					return rest(parameter);
				}
				Object value = this.params.get(this.next);
				return convert(value, parameter, "params[" + this.next++ + "]");
			}
			if (isNamed(parameter)) {
				return convert(this.kwargs.get(parameter.name()), parameter, "kwargs." + parameter.name());
			}
			if (parameter.isVarArgs()) {
				return Array.newInstance(parameter.type().getContentType().getRawClass(), 0);
			}
			if (parameter.isOptional()) {
				return Arguments.this.mapper.convert(null, parameter.type(), subject(parameter), "params");
			}
			throw wrongNumber("Give '" + parameter.text() + "'"
					+ ((parameter.name() != null) ? " as params[" + this.next + "] or kwargs." + parameter.name()
							: " as params[" + this.next + "]")
					+ ((index + 1 < Arguments.this.parameters.size()) ? " and what follows it." : "."));
		}

		/** One by one, or as the one list that a recorded call has. */
		private @Nullable Object rest(Parameter parameter) {
			int count = this.params.size() - this.next;
			if (count == 1 && this.params.get(this.next) instanceof List<?> list) {
				return convert(list, parameter, "params[" + this.next++ + "]");
			}
			Object array = Array.newInstance(parameter.type().getContentType().getRawClass(), count);
			for (int i = 0; i < count; i++) {
				String field = "params[" + this.next + "]";
				Array.set(array, i, Arguments.this.mapper.convert(this.params.get(this.next++),
						parameter.type().getContentType(), subject(parameter), field));
			}
			return array;
		}

		private @Nullable Object convert(@Nullable Object value, Parameter parameter, String field) {
			return Arguments.this.mapper.convert(value, parameter.type(), subject(parameter), field);
		}

		private String subject(Parameter parameter) {
			return "Function '" + Arguments.this.name + "', parameter '" + parameter.text() + "': ";
		}

		private InvalidArgumentException invalid(String field, @Nullable Object value, String reason) {
			return new InvalidArgumentException(field, value, "Function '" + Arguments.this.name + "': " + field
					+ " is " + ArgumentMapper.quote(value) + ": " + reason, null);
		}

		private InvalidArgumentException wrongNumber(String remedy) {
			long most = Arguments.this.parameters.stream()
				.filter((parameter) -> parameter.kind() == Kind.ARGUMENT)
				.count();
			long least = Arguments.this.parameters.stream().filter(Parameter::isRequired).count();
			boolean isOpen = Arguments.this.parameters.stream().anyMatch(Parameter::isVarArgs);
			String range = (isOpen) ? "at least " + least : (least == most) ? "" + most : least + " to " + most;
			int count = this.params.size() - this.placeholders;
			String got = count + ((this.kwargs.isEmpty()) ? "" : " and by name " + this.kwargs.keySet());
			return new InvalidArgumentException("params", this.params,
					"Function '" + Arguments.this.name + "': params is " + ArgumentMapper.quote(this.params) + ": "
							+ Arguments.this.signature + " takes " + range
							+ (("1".equals(range) || range.endsWith(" 1")) ? " argument" : " arguments") + ", got "
							+ got + ". " + remedy,
					null);
		}

	}

}
