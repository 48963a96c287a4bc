package dev.taskqueue.function;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.AbstractDeserializer;
import tools.jackson.databind.deser.bean.BeanDeserializer;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.TypeFactory;
import tools.jackson.databind.util.TokenBuffer;

import org.springframework.util.ClassUtils;

/**
 * Converts between values of Java and what is stored, by rules of its own that no setting
 * of the application changes: a job that was stored yesterday must be read tomorrow.
 * Nothing is lost silently; what does not fit is an {@link InvalidArgumentException}.
 * Safe for several threads.
 */
public final class ArgumentMapper {

	/** MongoDB nests 100 levels, the document and its fields included. */
	private static final int MAX_DEPTH = 96;

	private static final int MAX_QUOTE = 200;

	private final UnaryOperator<@Nullable Object> storedToPlain;

	private final Scalars scalars;

	private final JsonMapper writer;

	private final JsonMapper reader;

	/**
	 * Creates one.
	 * @param mapper brings the modules for types of the database; strictness is added.
	 * Not the application's own mapper, whose settings would change what stored jobs mean
	 * @param storedToPlain gives a stored value, lists and maps included, in plain Java,
	 * and one that is plain as the same instance
	 */
	public ArgumentMapper(JsonMapper mapper, UnaryOperator<@Nullable Object> storedToPlain) {
		this.storedToPlain = storedToPlain;
		this.writer = mapper.rebuild()
			.disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
			.disable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING)
			.enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
			.disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
			.enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
					DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
			.enable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
			.addModule(StrictModule.writing())
			.build();
		this.scalars = new Scalars(this.writer::writeValueAsString);
		this.reader = this.writer.rebuild()
			.addModule(StrictModule.reading(this.scalars, storedToPlain, this.writer))
			.build();
	}

	/**
	 * An argument or a result as it is stored. Values of the database stay as they are;
	 * records and other objects become maps by Jackson; a time that the database would
	 * cut (it has milliseconds) becomes ISO text.
	 * @param javaValue the value
	 * @return text, {@code Integer}, {@code Long}, {@code Double}, {@code Boolean},
	 * {@code BigDecimal}, {@code Date}, {@code UUID}, {@code byte[]}, a value of the
	 * database, lists and maps of these, or null
	 * @throws InvalidArgumentException if the value cannot be stored; an
	 * {@code IllegalArgumentException}
	 */
	public @Nullable Object toPlain(@Nullable Object javaValue) {
		return toPlain(javaValue, "value");
	}

	/**
	 * As {@link #toPlain(Object)}, with the place for the message.
	 * @param javaValue the value
	 * @param field where it comes from, such as {@code params[1]} or {@code result}
	 * @return the value to store
	 * @throws InvalidArgumentException if the value cannot be stored
	 */
	public @Nullable Object toPlain(@Nullable Object javaValue, String field) {
		try {
			return toPlain(javaValue, 0);
		}
		catch (ConversionException ex) {
			throw new InvalidArgumentException(field, javaValue,
					field + " is "
							+ ((javaValue != null) ? "of " + ClassUtils.getShortName(javaValue.getClass()) : "null")
							+ ": " + ex.sentences(),
					ex);
		}
		catch (JacksonException | StackOverflowError ex) {
			String path = (ex instanceof JacksonException jackson) ? path(jackson) : "";
			String reason = (ex instanceof JacksonException jackson) ? firstLine(jackson) : "it is nested too deeply";
			throw new InvalidArgumentException(field + path, javaValue,
					field + path + " is of "
							+ ((javaValue != null) ? ClassUtils.getShortName(javaValue.getClass()) : "no type")
							+ ", which cannot be stored: " + reason
							+ ". Use text, numbers, times, records, lists or maps of these.",
					ex);
		}
	}

	private @Nullable Object toPlain(@Nullable Object value, int depth) {
		if (value == null || value instanceof String || value instanceof Boolean || value instanceof Integer
				|| value instanceof Long || value instanceof Double || value instanceof BigDecimal
				|| value instanceof UUID || value instanceof byte[]) {
			return value;
		}
		if (depth > MAX_DEPTH) {
			throw new ConversionException("expected at most " + MAX_DEPTH + " levels of lists and maps",
					"Store the value elsewhere and give its id, or break its circle.");
		}
		if (value instanceof Map<?, ?> map && map.keySet().stream().allMatch(String.class::isInstance)) {
			Map<String, @Nullable Object> plain = new LinkedHashMap<>();
			map.forEach((key, element) -> plain.put((String) key, toPlain(element, depth + 1)));
			return plain;
		}
		if (value instanceof Collection<?> || value instanceof Object[]) {
			Collection<?> elements = (value instanceof Object[] array) ? Arrays.asList(array) : (Collection<?>) value;
			List<@Nullable Object> plain = new ArrayList<>(elements.size());
			elements.forEach((element) -> plain.add(toPlain(element, depth + 1)));
			return plain;
		}
		if (value instanceof Optional<?> optional) {
			return toPlain(optional.orElse(null), depth);
		}
		Object single = toPlainSingle(value);
		if (single != null) {
			return single;
		}
		if (isOfTheDatabase(value)) {
			return value;
		}
		TokenBuffer buffer = TokenBuffer.forGeneration();
		this.writer.writeValue(buffer, value);
		try (JsonParser parser = buffer.asParser(ObjectReadContext.empty())) {
			parser.nextToken();
			Object written = Tokens.read(parser);
			return isOfTheDatabase(written) ? written : toPlain(written, depth);
		}
	}

	@SuppressWarnings("JavaUtilDate") // what the driver writes
	private static @Nullable Object toPlainSingle(Object value) {
		if (value instanceof Byte || value instanceof Short) {
			return ((Number) value).intValue();
		}
		if (value instanceof Float number) {
			return number.doubleValue();
		}
		if (value instanceof BigInteger integer) {
			return (integer.bitLength() < Long.SIZE) ? (Object) integer.longValue() : new BigDecimal(integer);
		}
		if (value instanceof Character || value instanceof CharSequence) {
			return value.toString();
		}
		if (value instanceof Timestamp timestamp) {
			return toPlainTime(timestamp.toInstant());
		}
		if (value instanceof Date date) {
			return (date.getClass() == Date.class) ? date : Date.from(Scalars.instant(date));
		}
		return (value instanceof Instant instant) ? toPlainTime(instant) : null;
	}

	private static Object toPlainTime(Instant instant) {
		try {
			Date date = Date.from(instant);
			return date.toInstant().equals(instant) ? date : instant.toString();
		}
		catch (IllegalArgumentException ex) {
			// beyond 292 million years
			return instant.toString();
		}
	}

	/**
	 * Whether the store knows the value's type better than Jackson: it then has another
	 * form in plain Java.
	 */
	private boolean isOfTheDatabase(@Nullable Object value) {
		return value != null && !(value instanceof Map<?, ?>) && !(value instanceof Collection<?>)
				&& this.storedToPlain.apply(value) != value;
	}

	/**
	 * A stored result in the type that its reader wants, by the rules of arguments.
	 * @param <T> the type
	 * @param storedValue the stored value
	 * @param type the type's class; of a primitive type its wrapper is given
	 * @return the value, or null
	 * @throws InvalidArgumentException if it does not convert without loss
	 */
	@SuppressWarnings("unchecked")
	public <T> @Nullable T convert(@Nullable Object storedValue, Class<T> type) {
		Class<T> wrapper = (Class<T>) ClassUtils.resolvePrimitiveIfNecessary(type);
		return (T) convert(storedValue, this.reader.constructType(wrapper), "", "result");
	}

	/**
	 * Converts.
	 * @param stored the stored value
	 * @param type the type
	 * @param subject begins the message, such as "Function 'send', "
	 * @param field the place
	 * @return the converted value
	 */
	@Nullable Object convert(@Nullable Object stored, JavaType type, String subject, String field) {
		Class<?> raw = type.getRawClass();
		if (isKept(stored, type)) {
			return stored;
		}
		try {
			if (this.scalars.has(raw)) {
				Object plain = this.storedToPlain.apply(stored);
				return (plain != null) ? this.scalars.convert(plain, raw) : this.scalars.convertNull(raw);
			}
			return this.reader.readValue(Tokens.of(stored), type);
		}
		catch (ConversionException ex) {
			throw invalid(subject, field, stored, ex.sentences(), ex);
		}
		catch (StrictModule.ScalarException ex) {
			throw invalid(subject, field + path(ex), ex.getValue(), ex.reason().sentences(), ex);
		}
		catch (JacksonException ex) {
			throw invalid(subject, field + path(ex), valueAt(ex, stored), reason(ex, type), ex);
		}
	}

	/** A value of the database where the parameter declares its type. */
	private static boolean isKept(@Nullable Object stored, JavaType type) {
		Class<?> raw = type.getRawClass();
		return stored != null && type.containedTypeCount() == 0 && !raw.isPrimitive() && !raw.isArray()
				&& !raw.getName().startsWith("java.") && raw.isInstance(stored);
	}

	private static InvalidArgumentException invalid(String subject, String field, @Nullable Object value, String reason,
			Throwable cause) {
		return new InvalidArgumentException(field, value, subject + field + " is " + quote(value) + ": " + reason,
				cause);
	}

	private @Nullable Object valueAt(JacksonException failure, @Nullable Object stored) {
		if (failure instanceof InvalidFormatException format) {
			return format.getValue();
		}
		Object value = stored;
		for (JacksonException.Reference reference : failure.getPath()) {
			if (failure instanceof UnrecognizedPropertyException unknown
					&& unknown.getPropertyName().equals(reference.getPropertyName())) {
				return (value instanceof Map<?, ?> map) ? map.get(reference.getPropertyName()) : value;
			}
			if (value instanceof Map<?, ?> map) {
				value = map.get(reference.getPropertyName());
			}
			else if (value instanceof List<?> list && reference.getIndex() >= 0 && reference.getIndex() < list.size()) {
				value = list.get(reference.getIndex());
			}
		}
		return value;
	}

	private static String reason(JacksonException failure, JavaType declared) {
		if (failure instanceof UnrecognizedPropertyException unknown) {
			return "expected " + ClassUtils.getShortName(unknown.getReferringClass()) + ", which has no '"
					+ unknown.getPropertyName() + "' but " + names(unknown.getKnownPropertyIds())
					+ ". Remove or rename it, or allow it with @JsonIgnoreProperties(ignoreUnknown = true).";
		}
		if (failure instanceof InvalidFormatException format && format.getTargetType().isEnum()) {
			return "expected one of " + names(Arrays.asList(format.getTargetType().getEnumConstants()))
					+ ". Give one of them.";
		}
		if (failure instanceof ValueInstantiationException) {
			Throwable cause = (failure.getCause() != null) ? failure.getCause() : failure;
			return "expected " + text(declared) + ", which refused it: " + cause.getMessage() + ". Correct the value.";
		}
		if (failure instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
			return "expected " + ClassUtils.getShortName(mismatch.getTargetType()) + " (" + firstLine(failure)
					+ "). Give a value of that shape, or declare another type.";
		}
		return "expected " + text(declared) + " (" + firstLine(failure)
				+ "). Give a value of that shape, or declare another type.";
	}

	private static String firstLine(JacksonException failure) {
		String message = failure.getOriginalMessage();
		return (message != null) ? message.lines().findFirst().orElse("") : "";
	}

	private static String names(@Nullable Collection<?> names) {
		return (names != null) ? names.stream()
			.map((name) -> (name instanceof Enum<?> constant) ? constant.name() : String.valueOf(name))
			.collect(Collectors.joining(", ")) : "";
	}

	private static String path(JacksonException failure) {
		StringBuilder path = new StringBuilder();
		for (JacksonException.Reference reference : failure.getPath()) {
			if (reference.getPropertyName() != null) {
				path.append('.').append(reference.getPropertyName());
			}
			else if (reference.getIndex() >= 0) {
				path.append('[').append(reference.getIndex()).append(']');
			}
		}
		return path.toString();
	}

	/** A value as messages show it: text in quotes, long ones cut. */
	static String quote(@Nullable Object value) {
		String text = text(value);
		if (text.length() > MAX_QUOTE) {
			text = text.substring(0, MAX_QUOTE) + "…";
		}
		return (value instanceof String) ? "\"" + text + "\"" : text;
	}

	/** The same text each time: that of an array tells where in memory it lies. */
	private static String text(@Nullable Object value) {
		if (value instanceof byte[] bytes) {
			return bytes.length + " bytes";
		}
		if (value instanceof Date date) {
			return Scalars.instant(date).toString();
		}
		if (value instanceof List<?> list) {
			return list.stream().limit(MAX_QUOTE).map(ArgumentMapper::text).collect(Collectors.joining(", ", "[", "]"));
		}
		if (value instanceof Map<?, ?> map) {
			return map.entrySet()
				.stream()
				.limit(MAX_QUOTE)
				.map((entry) -> entry.getKey() + "=" + text(entry.getValue()))
				.collect(Collectors.joining(", ", "{", "}"));
		}
		return String.valueOf(value);
	}

	/** A type as messages show it: {@code List<Order>}. */
	static String text(JavaType type) {
		if (type.isArrayType()) {
			return text(type.getContentType()) + "[]";
		}
		String name = ClassUtils.getShortName(type.getRawClass());
		if (type.containedTypeCount() == 0) {
			return name;
		}
		return name + type.getBindings()
			.getTypeParameters()
			.stream()
			.map(ArgumentMapper::text)
			.collect(Collectors.joining(", ", "<", ">"));
	}

	TypeFactory types() {
		return this.reader.getTypeFactory();
	}

	/**
	 * Why no stored value can become the type.
	 * @param type the type
	 * @return the reason, or null if values can
	 */
	@Nullable String refusal(JavaType type) {
		if (this.scalars.has(type.getRawClass())) {
			return null;
		}
		JavaType content = type.getContentType();
		if (content != null) {
			String refusal = refusal(content);
			if (refusal != null) {
				return refusal;
			}
		}
		try {
			ValueDeserializer<Object> deserializer = this.reader._deserializationContext()
				.findRootValueDeserializer(type);
			if (deserializer instanceof AbstractDeserializer) {
				return text(type) + " is abstract, so it is not known which class to create";
			}
			if (deserializer instanceof BeanDeserializer bean && !bean.getValueInstantiator().canInstantiate()) {
				return text(type) + " has no constructor that Jackson can use";
			}
			return null;
		}
		catch (JacksonException ex) {
			return text(type) + " cannot be read by Jackson: " + firstLine(ex);
		}
	}

}
