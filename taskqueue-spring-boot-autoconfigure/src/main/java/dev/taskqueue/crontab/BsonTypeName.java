package dev.taskqueue.crontab;

import java.util.Date;
import java.util.List;
import java.util.Map;

import org.bson.types.Binary;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The names of types as MongoDB's manual has them: who writes rows may know no Java.
 */
final class BsonTypeName {

	private BsonTypeName() {
	}

	static String of(@Nullable Object value) {
		if (value == null) {
			return "null";
		}
		if (value instanceof Integer) {
			return "int";
		}
		if (value instanceof Decimal128) {
			return "decimal";
		}
		if (value instanceof Number number) {
			return number.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
		}
		if (value instanceof String) {
			return "string";
		}
		if (value instanceof Boolean) {
			return "bool";
		}
		if (value instanceof Date) {
			return "date";
		}
		if (value instanceof List<?>) {
			return "array";
		}
		if (value instanceof Map<?, ?>) {
			return "object";
		}
		if (value instanceof ObjectId) {
			return "objectId";
		}
		return (value instanceof Binary) ? "binData" : value.getClass().getSimpleName();
	}

}
