package dev.taskqueue.testsupport;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import com.mongodb.client.MongoCollection;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.types.Decimal128;
import org.jspecify.annotations.Nullable;

/**
 * BSON written by hand, since the driver makes nothing that is not in order: duplicate
 * keys, invalid UTF-8, old binaries of a wrong length.
 */
public final class BsonBytes {

	private BsonBytes() {
	}

	/**
	 * A value.
	 *
	 * @param type the number of its BSON type
	 * @param bytes what follows the key
	 */
	@SuppressWarnings("ArrayRecordComponent")
	public record Value(int type, byte[] bytes) {

		public static Value text(String text) {
			return text(text.getBytes(StandardCharsets.UTF_8));
		}

		public static Value text(byte[] text) {
			return new Value(0x02, string(text));
		}

		public static Value symbol(String text) {
			return new Value(0x0E, string(text.getBytes(StandardCharsets.UTF_8)));
		}

		public static Value code(String text) {
			return new Value(0x0D, string(text.getBytes(StandardCharsets.UTF_8)));
		}

		public static Value codeWithScope(String text, Fields scope) {
			byte[] code = string(text.getBytes(StandardCharsets.UTF_8));
			byte[] variables = scope.bytes();
			return new Value(0x0F, join(int32Bytes(4 + code.length + variables.length), code, variables));
		}

		public static Value int32(int number) {
			return new Value(0x10, int32Bytes(number));
		}

		public static Value int64(long number) {
			return new Value(0x12, int64Bytes(number));
		}

		public static Value decimal(long high, long low) {
			return new Value(0x13, join(int64Bytes(low), int64Bytes(high)));
		}

		public static Value decimal(String number) {
			Decimal128 decimal = Decimal128.parse(number);
			return decimal(decimal.getHigh(), decimal.getLow());
		}

		public static Value number(double number) {
			return new Value(0x01, int64Bytes(Double.doubleToRawLongBits(number)));
		}

		public static Value date(long millis) {
			return new Value(0x09, int64Bytes(millis));
		}

		public static Value timestamp(long value) {
			return new Value(0x11, int64Bytes(value));
		}

		public static Value bool(boolean value) {
			return new Value(0x08, new byte[] { (byte) (value ? 1 : 0) });
		}

		public static Value of(int type) {
			return new Value(type, new byte[0]);
		}

		public static Value objectId(byte[] id) {
			return new Value(0x07, id);
		}

		public static Value dbPointer(String collection, byte[] id) {
			return new Value(0x0C, join(string(collection.getBytes(StandardCharsets.UTF_8)), id));
		}

		public static Value binary(int subtype, byte[] data) {
			return new Value(0x05, join(int32Bytes(data.length), new byte[] { (byte) subtype }, data));
		}

		public static Value regex(String pattern, String options) {
			return new Value(0x0B,
					join(key(pattern.getBytes(StandardCharsets.UTF_8)), key(options.getBytes(StandardCharsets.UTF_8))));
		}

		public static Value document(Fields fields) {
			return new Value(0x03, fields.bytes());
		}

		public static Value document(RawBsonDocument document) {
			byte[] bytes = new byte[document.getByteBuffer().remaining()];
			document.getByteBuffer().get(bytes);
			return new Value(0x03, bytes);
		}

		public static Value array(Value... elements) {
			Fields fields = new Fields();
			for (int i = 0; i < elements.length; i++) {
				fields.add(String.valueOf(i), elements[i]);
			}
			return new Value(0x04, fields.bytes());
		}

	}

	/**
	 * A field, told apart from another by its bytes.
	 *
	 * @param name the key, where its bytes are a text
	 * @param bytes type, key and value
	 */
	@SuppressWarnings("ArrayRecordComponent")
	public record Field(String name, byte[] bytes) {

		public boolean isSameAs(@Nullable Field other) {
			return other != null && Arrays.equals(this.bytes, other.bytes);
		}

		/** What the field holds, or null where the driver cannot read it. */
		public @Nullable BsonValue value() {
			try {
				return new RawBsonDocument(join(int32Bytes(this.bytes.length + 5), this.bytes, new byte[1]))
					.get(this.name);
			}
			catch (RuntimeException ex) {
				return null;
			}
		}

	}

	/** Fields one after the other, whatever their names. */
	public static final class Fields {

		private final ByteArrayOutputStream elements = new ByteArrayOutputStream();

		public Fields add(String name, Value value) {
			return add(name.getBytes(StandardCharsets.UTF_8), value);
		}

		public Fields add(byte[] name, Value value) {
			this.elements.write(value.type());
			this.elements.writeBytes(key(name));
			this.elements.writeBytes(value.bytes());
			return this;
		}

		public Fields addAll(Map<String, Value> fields) {
			fields.forEach(this::add);
			return this;
		}

		public Fields addAll(Fields fields) {
			this.elements.writeBytes(fields.elements.toByteArray());
			return this;
		}

		byte[] bytes() {
			return join(int32Bytes(this.elements.size() + 5), this.elements.toByteArray(), new byte[1]);
		}

		public RawBsonDocument toDocument() {
			return new RawBsonDocument(bytes());
		}

	}

	/** The fields of a document in their order, duplicates included. */
	public static List<Field> fieldsOf(RawBsonDocument document) {
		List<Field> fields = new ArrayList<>();
		ByteBuffer buffer = document.getByteBuffer().asNIO().order(ByteOrder.LITTLE_ENDIAN);
		int at = buffer.position() + 4;
		while (buffer.get(at) != 0) {
			int value = endOfKey(buffer, at + 1);
			int end = value + length(buffer, buffer.get(at), value);
			byte[] bytes = new byte[end - at];
			buffer.get(at, bytes);
			fields.add(new Field(new String(bytes, 1, value - at - 2, StandardCharsets.UTF_8), bytes));
			at = end;
		}
		return fields;
	}

	/**
	 * Inserts documents as they are: by a command, since the driver's own insert reads
	 * their ids.
	 * @param collection where
	 * @param documents what; no more than 16 MB of them
	 * @return what the server says, errors included, as raw as the documents
	 */
	public static RawBsonDocument insert(MongoCollection<?> collection, List<RawBsonDocument> documents) {
		return MongoServer.client()
			.getDatabase(collection.getNamespace().getDatabaseName())
			.runCommand(new Fields().add("insert", Value.text(collection.getNamespace().getCollectionName()))
				.add("ordered", Value.bool(false))
				.add("documents", Value.array(documents.stream().map(Value::document).toArray(Value[]::new)))
				.toDocument(), RawBsonDocument.class);
	}

	private static int endOfKey(ByteBuffer buffer, int from) {
		int at = from;
		while (buffer.get(at) != 0) {
			at++;
		}
		return at + 1;
	}

	private static int length(ByteBuffer buffer, int type, int at) {
		return switch (type) {
			case 0x01, 0x09, 0x11, 0x12 -> 8;
			case 0x02, 0x0D, 0x0E -> 4 + buffer.getInt(at);
			case 0x03, 0x04, 0x0F -> buffer.getInt(at);
			case 0x05 -> 5 + buffer.getInt(at);
			case 0x07 -> 12;
			case 0x08 -> 1;
			case 0x0B -> endOfKey(buffer, endOfKey(buffer, at)) - at;
			case 0x0C -> 16 + buffer.getInt(at);
			case 0x10 -> 4;
			case 0x13 -> 16;
			default -> 0;
		};
	}

	private static byte[] string(byte[] text) {
		return join(int32Bytes(text.length + 1), text, new byte[1]);
	}

	private static byte[] key(byte[] text) {
		return join(text, new byte[1]);
	}

	private static byte[] int32Bytes(int number) {
		return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
	}

	private static byte[] int64Bytes(long number) {
		return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
	}

	private static byte[] join(byte[]... parts) {
		ByteArrayOutputStream joined = new ByteArrayOutputStream();
		for (byte[] part : parts) {
			joined.writeBytes(part);
		}
		return joined.toByteArray();
	}

}
