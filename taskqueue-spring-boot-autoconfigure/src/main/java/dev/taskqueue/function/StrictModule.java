package dev.taskqueue.function;

import java.lang.reflect.Array;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.std.StdScalarSerializer;
import tools.jackson.databind.type.ArrayType;
import tools.jackson.databind.util.TokenBuffer;

/**
 * Brings {@link Scalars} into Jackson, so that components of records and elements of
 * lists follow the rules of arguments; and keeps times and UUIDs as what they are when
 * objects are written to be stored. A property's {@code @JsonFormat} wins over both.
 */
final class StrictModule extends SimpleModule {

	private StrictModule(String name) {
		super(name);
	}

	static StrictModule writing() {
		StrictModule module = new StrictModule("taskqueue-write");
		module.setSerializerModifier(new ValueSerializerModifier() {

			@Override
			public ValueSerializer<?> modifySerializer(SerializationConfig config, BeanDescription.Supplier description,
					ValueSerializer<?> serializer) {
				Class<?> type = description.getBeanClass();
				return (Date.class.isAssignableFrom(type) || type == Instant.class || type == UUID.class
						|| type == OffsetDateTime.class || type == ZonedDateTime.class)
								? new KeepingSerializer(type, serializer) : serializer;
			}

		});
		return module;
	}

	static StrictModule reading(Scalars scalars, UnaryOperator<@Nullable Object> storedToPlain, JsonMapper json) {
		StrictModule module = new StrictModule("taskqueue-read");
		module.addDeserializer(Object.class, new PlainDeserializer(storedToPlain));
		module.addDeserializer(JsonNode.class, new TreeDeserializer<>(JsonNode.class, storedToPlain, json));
		module.addDeserializer(ObjectNode.class, new TreeDeserializer<>(ObjectNode.class, storedToPlain, json));
		module.addDeserializer(ArrayNode.class, new TreeDeserializer<>(ArrayNode.class, storedToPlain, json));
		for (Class<?> type : List.of(CharSequence.class, Number.class)) {
			addScalar(module, type, scalars, storedToPlain);
		}
		module.setDeserializerModifier(new ValueDeserializerModifier() {

			@Override
			public ValueDeserializer<?> modifyDeserializer(DeserializationConfig config,
					BeanDescription.Supplier description, ValueDeserializer<?> deserializer) {
				Class<?> type = description.getBeanClass();
				return (scalars.has(type) && !(deserializer instanceof ScalarDeserializer))
						? new ScalarDeserializer(type, scalars, storedToPlain, deserializer) : deserializer;
			}

			@Override
			public ValueDeserializer<?> modifyReferenceDeserializer(DeserializationConfig config,
					tools.jackson.databind.type.ReferenceType type, BeanDescription.Supplier description,
					ValueDeserializer<?> deserializer) {
				return modifyDeserializer(config, description, deserializer);
			}

			@Override
			public ValueDeserializer<?> modifyArrayDeserializer(DeserializationConfig config, ArrayType type,
					BeanDescription.Supplier description, ValueDeserializer<?> deserializer) {
				Class<?> component = type.getContentType().getRawClass();
				if (component == byte.class) {
					return new ScalarDeserializer(byte[].class, scalars, storedToPlain, deserializer);
				}
				return (component.isPrimitive() && component != char.class)
						? new PrimitiveArrayDeserializer(component, type, scalars, storedToPlain) : deserializer;
			}

		});
		return module;
	}

	@SuppressWarnings("unchecked")
	private static <T> void addScalar(SimpleModule module, Class<T> type, Scalars scalars,
			UnaryOperator<@Nullable Object> storedToPlain) {
		module.addDeserializer(type,
				(ValueDeserializer<? extends T>) new ScalarDeserializer(type, scalars, storedToPlain, null));
	}

	/**
	 * A value does not fit, somewhere in a nested one.
	 */
	static final class ScalarException extends InvalidFormatException {

		private final transient ConversionException reason;

		ScalarException(@Nullable JsonParser parser, @Nullable Object value, Class<?> type,
				ConversionException reason) {
			super(parser, reason.getMessage(), value, type);
			this.reason = reason;
		}

		ConversionException reason() {
			return this.reason;
		}

	}

	private static final class ScalarDeserializer extends StdScalarDeserializer<Object> {

		private final Class<?> type;

		private final Scalars scalars;

		private final UnaryOperator<@Nullable Object> storedToPlain;

		private final @Nullable ValueDeserializer<?> formatted;

		ScalarDeserializer(Class<?> type, Scalars scalars, UnaryOperator<@Nullable Object> storedToPlain,
				@Nullable ValueDeserializer<?> formatted) {
			super(type);
			this.type = type;
			this.scalars = scalars;
			this.storedToPlain = storedToPlain;
			this.formatted = formatted;
		}

		@Override
		public ValueDeserializer<?> createContextual(DeserializationContext context, BeanProperty property) {
			if (property != null && this.formatted != null
					&& findFormatOverrides(context, property, this.type).hasPattern()) {
				return this.formatted.createContextual(context, property);
			}
			return this;
		}

		@Override
		public Object deserialize(JsonParser parser, DeserializationContext context) {
			Object raw = Tokens.read(parser);
			Object plain = this.storedToPlain.apply(raw);
			try {
				return (plain != null) ? this.scalars.convert(plain, this.type) : nothing();
			}
			catch (ConversionException ex) {
				throw new ScalarException(parser, raw, this.type, ex);
			}
		}

		@Override
		public @Nullable Object getNullValue(DeserializationContext context) {
			try {
				return this.scalars.convertNull(this.type);
			}
			catch (ConversionException ex) {
				throw new ScalarException(context.getParser(), null, this.type, ex);
			}
		}

		@SuppressWarnings("NullAway") // Jackson takes null as value
		private Object nothing() {
			return this.scalars.convertNull(this.type);
		}

	}

	private static final class PrimitiveArrayDeserializer extends StdScalarDeserializer<Object> {

		private final Class<?> component;

		private final Scalars scalars;

		private final UnaryOperator<@Nullable Object> storedToPlain;

		PrimitiveArrayDeserializer(Class<?> component, JavaType type, Scalars scalars,
				UnaryOperator<@Nullable Object> storedToPlain) {
			super(type);
			this.component = component;
			this.scalars = scalars;
			this.storedToPlain = storedToPlain;
		}

		@Override
		public Object deserialize(JsonParser parser, DeserializationContext context) {
			if (!(Tokens.read(parser) instanceof List<?> list)) {
				return context.handleUnexpectedToken(getValueType(context), parser);
			}
			Object array = Array.newInstance(this.component, list.size());
			for (int i = 0; i < list.size(); i++) {
				Object plain = this.storedToPlain.apply(list.get(i));
				try {
					Array.set(array, i, (plain != null) ? this.scalars.convert(plain, this.component)
							: this.scalars.convertNull(this.component));
				}
				catch (ConversionException ex) {
					throw new ScalarException(parser, list.get(i), this.component, ex).prependPath(array, i);
				}
			}
			return array;
		}

	}

	private static final class PlainDeserializer extends StdScalarDeserializer<Object> {

		private final UnaryOperator<@Nullable Object> storedToPlain;

		PlainDeserializer(UnaryOperator<@Nullable Object> storedToPlain) {
			super(Object.class);
			this.storedToPlain = storedToPlain;
		}

		@Override
		@SuppressWarnings("NullAway") // Jackson takes null as value
		public Object deserialize(JsonParser parser, DeserializationContext context) {
			return this.storedToPlain.apply(Tokens.read(parser));
		}

	}

	private static final class TreeDeserializer<T extends JsonNode> extends StdScalarDeserializer<T> {

		private final Class<T> type;

		private final UnaryOperator<@Nullable Object> storedToPlain;

		private final JsonMapper json;

		TreeDeserializer(Class<T> type, UnaryOperator<@Nullable Object> storedToPlain, JsonMapper json) {
			super(type);
			this.type = type;
			this.storedToPlain = storedToPlain;
			this.json = json;
		}

		@Override
		@SuppressWarnings("unchecked")
		public T deserialize(JsonParser parser, DeserializationContext context) {
			JsonNode node = this.json
				.readTree(this.json.writeValueAsString(this.storedToPlain.apply(Tokens.read(parser))));
			return (this.type.isInstance(node)) ? (T) node : (T) context.handleUnexpectedToken(getValueType(context),
					node.asToken(), parser, "expected %s", this.type.getSimpleName());
		}

	}

	/**
	 * Keeps the object in a buffer, from where {@link ArgumentMapper} takes it; writes
	 * its ISO form as JSON.
	 */
	private static final class KeepingSerializer extends StdScalarSerializer<Object> {

		private final Class<?> type;

		private final ValueSerializer<?> formatted;

		KeepingSerializer(Class<?> type, ValueSerializer<?> formatted) {
			super(type, false);
			this.type = type;
			this.formatted = formatted;
		}

		@Override
		public ValueSerializer<?> createContextual(SerializationContext context, BeanProperty property) {
			if (property != null && findFormatOverrides(context, property, this.type).hasPattern()) {
				return this.formatted.createContextual(context, property);
			}
			return this;
		}

		@Override
		public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
			if (generator instanceof TokenBuffer buffer && !(value instanceof OffsetDateTime)
					&& !(value instanceof ZonedDateTime)) {
				buffer.writeEmbeddedObject(value);
			}
			else {
				generator
					.writeString((value instanceof Date date) ? Scalars.instant(date).toString() : value.toString());
			}
		}

	}

}
