package dev.taskqueue.autoconfigure;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonRegularExpression;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.Binary;
import org.bson.types.Code;
import org.bson.types.Decimal128;
import org.bson.types.MaxKey;
import org.bson.types.MinKey;
import org.bson.types.ObjectId;
import org.bson.types.Symbol;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdScalarSerializer;
import tools.jackson.databind.util.TokenBuffer;

/**
 * Types of BSON inside arguments and results: {@code List<ObjectId>}, a record with a
 * {@code Decimal128}. A stored value of the type is given as it is; else an
 * {@code ObjectId} is made from its digits, a {@code Decimal128} from a number, a
 * {@code Binary} from bytes, their Base64 text or a UUID.
 */
final class BsonJacksonModule extends SimpleModule {

	BsonJacksonModule() {
		super("taskqueue-bson");
		add(ObjectId.class, "24 hexadecimal digits", BsonJacksonModule::toObjectId);
		add(Decimal128.class, "a number of at most 34 digits", BsonJacksonModule::toDecimal128);
		add(Binary.class, "binary data or its Base64 text", BsonJacksonModule::toBinary);
		add(BsonTimestamp.class, "a value of this type", (value) -> null);
		add(BsonRegularExpression.class, "a regular expression",
				(value) -> (value instanceof String text) ? new BsonRegularExpression(text) : null);
		add(Symbol.class, "text", (value) -> (value instanceof String text) ? new Symbol(text) : null);
		add(Code.class, "text", (value) -> (value instanceof String text) ? new Code(text) : null);
		add(MinKey.class, "a value of this type", (value) -> null);
		add(MaxKey.class, "a value of this type", (value) -> null);
		addDeserializer(Document.class, new DocumentDeserializer());
		addDeserializer(Bson.class, new DocumentDeserializer());
	}

	private <T> void add(Class<T> type, String expected, Function<Object, @Nullable T> conversion) {
		addDeserializer(type, new ValueDeserializer<>(type, expected, conversion));
		addSerializer(type, new ValueSerializer<>(type));
	}

	private static @Nullable ObjectId toObjectId(Object value) {
		return (value instanceof String text && ObjectId.isValid(text)) ? new ObjectId(text) : null;
	}

	private static @Nullable Decimal128 toDecimal128(Object value) {
		if (value instanceof Double number && !Double.isFinite(number)) {
			return Decimal128.parse(number.toString());
		}
		if (value instanceof Integer || value instanceof Long || value instanceof Double || value instanceof Float
				|| value instanceof BigDecimal || value instanceof BigInteger) {
			return new Decimal128(new BigDecimal(value.toString()));
		}
		return null;
	}

	private static @Nullable Binary toBinary(Object value) {
		if (value instanceof byte[] bytes) {
			return new Binary(bytes);
		}
		if (value instanceof UUID uuid) {
			return new Binary(BsonBinarySubType.UUID_STANDARD, new BsonBinary(uuid).getData());
		}
		return (value instanceof String text) ? new Binary(Base64.getDecoder().decode(text)) : null;
	}

	private static @Nullable Object read(JsonParser parser) {
		JsonToken token = parser.currentToken();
		return switch (token) {
			case START_OBJECT -> readDocument(parser);
			case START_ARRAY -> {
				List<@Nullable Object> list = new ArrayList<>();
				while (parser.nextToken() != JsonToken.END_ARRAY) {
					list.add(read(parser));
				}
				yield list;
			}
			case VALUE_STRING -> parser.getString();
			case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
			case VALUE_TRUE -> true;
			case VALUE_FALSE -> false;
			case VALUE_EMBEDDED_OBJECT -> parser.getEmbeddedObject();
			default -> null;
		};
	}

	private static Document readDocument(JsonParser parser) {
		Document document = new Document();
		for (String name = parser.nextName(); name != null; name = parser.nextName()) {
			parser.nextToken();
			document.put(name, read(parser));
		}
		return document;
	}

	private static final class ValueDeserializer<T> extends StdScalarDeserializer<T> {

		private final Class<T> type;

		private final String expected;

		private final Function<Object, @Nullable T> conversion;

		ValueDeserializer(Class<T> type, String expected, Function<Object, @Nullable T> conversion) {
			super(type);
			this.type = type;
			this.expected = expected;
			this.conversion = conversion;
		}

		@Override
		public T deserialize(JsonParser parser, DeserializationContext context) {
			Object value = read(parser);
			if (this.type.isInstance(value)) {
				return this.type.cast(value);
			}
			try {
				T converted = (value != null) ? this.conversion.apply(value) : null;
				if (converted != null) {
					return converted;
				}
			}
			catch (IllegalArgumentException ex) {
				// said below; a NumberFormatException is one too
			}
			return context.reportInputMismatch(this.type, "expected %s", this.expected);
		}

	}

	/**
	 * Keeps what is inside as the database has it.
	 */
	private static final class DocumentDeserializer extends StdScalarDeserializer<Document> {

		DocumentDeserializer() {
			super(Document.class);
		}

		@Override
		public Document deserialize(JsonParser parser, DeserializationContext context) {
			return (parser.currentToken() == JsonToken.START_OBJECT) ? readDocument(parser)
					: context.reportInputMismatch(Document.class, "expected a document");
		}

	}

	private static final class ValueSerializer<T> extends StdScalarSerializer<T> {

		ValueSerializer(Class<T> type) {
			super(type);
		}

		@Override
		public void serialize(T value, JsonGenerator generator, SerializationContext context) {
			if (generator instanceof TokenBuffer buffer) {
				buffer.writeEmbeddedObject(value);
			}
			else {
				generator.writeString(value.toString());
			}
		}

	}

}
