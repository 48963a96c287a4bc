package dev.taskqueue.function;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.util.TokenBuffer;

/**
 * Stored values as Jackson's tokens and back, without loss: a value that has no token of
 * its own (date, UUID, bytes, whatever the database has) is an embedded object.
 */
final class Tokens {

	private Tokens() {
	}

	static TokenBuffer of(@Nullable Object value) {
		TokenBuffer buffer = TokenBuffer.forGeneration();
		write(value, buffer);
		return buffer;
	}

	private static void write(@Nullable Object value, TokenBuffer buffer) {
		if (value == null) {
			buffer.writeNull();
		}
		else if (value instanceof String text) {
			buffer.writeString(text);
		}
		else if (value instanceof Boolean bool) {
			buffer.writeBoolean(bool);
		}
		else if (value instanceof Map<?, ?> map) {
			buffer.writeStartObject();
			map.forEach((key, element) -> {
				buffer.writeName(String.valueOf(key));
				write(element, buffer);
			});
			buffer.writeEndObject();
		}
		else if (value instanceof List<?> list) {
			buffer.writeStartArray();
			list.forEach((element) -> write(element, buffer));
			buffer.writeEndArray();
		}
		else if (!writeNumber(value, buffer)) {
			buffer.writeEmbeddedObject(value);
		}
	}

	private static boolean writeNumber(Object value, TokenBuffer buffer) {
		if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
			buffer.writeNumber(((Number) value).intValue());
		}
		else if (value instanceof Long number) {
			buffer.writeNumber(number);
		}
		else if (value instanceof Double number) {
			buffer.writeNumber(number);
		}
		else if (value instanceof Float number) {
			buffer.writeNumber(number);
		}
		else if (value instanceof BigDecimal number) {
			buffer.writeNumber(number);
		}
		else if (value instanceof BigInteger number) {
			buffer.writeNumber(number);
		}
		else {
			return false;
		}
		return true;
	}

	/**
	 * Reads the value at the parser's current token; afterwards that is the value's last
	 * one.
	 */
	static @Nullable Object read(JsonParser parser) {
		JsonToken token = parser.currentToken();
		if (token == null) {
			return null;
		}
		return switch (token) {
			case START_OBJECT, PROPERTY_NAME -> readMap(parser);
			case START_ARRAY -> readList(parser);
			case VALUE_STRING -> parser.getString();
			case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
			case VALUE_TRUE -> true;
			case VALUE_FALSE -> false;
			case VALUE_EMBEDDED_OBJECT -> parser.getEmbeddedObject();
			default -> null;
		};
	}

	private static Map<String, @Nullable Object> readMap(JsonParser parser) {
		Map<String, @Nullable Object> map = new LinkedHashMap<>();
		String name = (parser.currentToken() == JsonToken.START_OBJECT) ? parser.nextName() : parser.currentName();
		while (name != null) {
			parser.nextToken();
			map.put(name, read(parser));
			name = parser.nextName();
		}
		return map;
	}

	private static List<@Nullable Object> readList(JsonParser parser) {
		List<@Nullable Object> list = new ArrayList<>();
		while (parser.nextToken() != JsonToken.END_ARRAY) {
			list.add(read(parser));
		}
		return list;
	}

}
