package dev.taskqueue.store;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonRegularExpression;
import org.bson.BsonTimestamp;
import org.bson.BsonUndefined;
import org.bson.Document;
import org.bson.UuidRepresentation;
import org.bson.types.Binary;
import org.bson.types.Code;
import org.bson.types.Decimal128;
import org.bson.types.MaxKey;
import org.bson.types.MinKey;
import org.bson.types.ObjectId;
import org.bson.types.Symbol;
import org.jspecify.annotations.Nullable;

/**
 * Values between documents and the rest of the code, which knows plain Java only.
 */
public final class BsonValues {

	private BsonValues() {
	}

	/**
	 * A stored value in plain Java, lists and nested documents included.
	 * @param value what the driver gave
	 * @return text, numbers ({@code Decimal128} as {@code BigDecimal}), {@code Boolean},
	 * {@link Date}, {@code UUID}, {@code byte[]}, lists, maps or null; an
	 * {@code ObjectId} as its 24 hexadecimal digits
	 */
	public static @Nullable Object toPlain(@Nullable Object value) {
		if (value instanceof Map<?, ?> map) {
			Map<String, @Nullable Object> plain = new LinkedHashMap<>();
			map.forEach((key, element) -> plain.put(String.valueOf(key), toPlain(element)));
			return plain;
		}
		if (value instanceof List<?> list) {
			List<@Nullable Object> plain = new ArrayList<>(list.size());
			list.forEach((element) -> plain.add(toPlain(element)));
			return plain;
		}
		if (value instanceof ObjectId id) {
			return id.toHexString();
		}
		if (value instanceof Decimal128 decimal) {
			// NaN, the infinities and the negative zero have no BigDecimal
			return (decimal.isFinite() && !isNegativeZero(decimal)) ? decimal.bigDecimalValue() : decimal.doubleValue();
		}
		if (value instanceof Binary binary) {
			return isUuid(binary) ? new BsonBinary(binary.getType(), binary.getData()).asUuid(representation(binary))
					: binary.getData();
		}
		if (value instanceof BsonTimestamp timestamp) {
			return Date.from(Instant.ofEpochSecond(timestamp.getTime()));
		}
		if (value instanceof Symbol symbol) {
			return symbol.getSymbol();
		}
		if (value instanceof Code code) {
			return code.getCode();
		}
		if (value instanceof BsonRegularExpression expression) {
			return expression.getPattern();
		}
		if (value instanceof BsonUndefined || value instanceof MinKey || value instanceof MaxKey) {
			return null;
		}
		return value;
	}

	/**
	 * A value of plain Java as documents have it. What the driver can write already stays
	 * as it is.
	 * @param value any value that {@link #toPlain} gives, further numbers and instants
	 * @return the value to store
	 */
	public static @Nullable Object toStored(@Nullable Object value) {
		if (value instanceof Map<?, ?> map) {
			Document stored = new Document();
			map.forEach((key, element) -> stored.append(String.valueOf(key), toStored(element)));
			return stored;
		}
		if (value instanceof Iterable<?> elements) {
			List<@Nullable Object> stored = new ArrayList<>();
			elements.forEach((element) -> stored.add(toStored(element)));
			return stored;
		}
		if (value instanceof Instant instant) {
			return Date.from(instant);
		}
		if (value instanceof BigDecimal decimal) {
			return toDecimal(decimal);
		}
		if (value instanceof BigInteger integer) {
			return (integer.bitLength() < Long.SIZE) ? (Object) integer.longValue()
					: toDecimal(new BigDecimal(integer));
		}
		if (value instanceof UUID uuid) {
			// not left to the driver: a database takes its client's representation of
			// UUIDs
			// back with each withCodecRegistry, and by default a client has none
			return new Binary(BsonBinarySubType.UUID_STANDARD, new BsonBinary(uuid).getData());
		}
		if (value instanceof Float number) {
			return number.doubleValue();
		}
		if (value instanceof Short || value instanceof Byte) {
			return ((Number) value).intValue();
		}
		if (value instanceof Character || value instanceof Enum<?>) {
			return value.toString();
		}
		return value;
	}

	private static Object toDecimal(BigDecimal decimal) {
		try {
			return new Decimal128(decimal);
		}
		catch (NumberFormatException ex) {
			// more than 34 digits: text keeps them all
			return decimal.toString();
		}
	}

	private static boolean isNegativeZero(Decimal128 decimal) {
		return decimal.isNegative() && decimal.doubleValue() == 0;
	}

	private static boolean isUuid(Binary binary) {
		return (binary.getType() == BsonBinarySubType.UUID_STANDARD.getValue()
				|| binary.getType() == BsonBinarySubType.UUID_LEGACY.getValue()) && binary.length() == 16;
	}

	private static UuidRepresentation representation(Binary binary) {
		return (binary.getType() == BsonBinarySubType.UUID_STANDARD.getValue()) ? UuidRepresentation.STANDARD
				: UuidRepresentation.JAVA_LEGACY;
	}

}
