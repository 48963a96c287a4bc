package dev.taskqueue.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.bson.BsonBinaryReader;
import org.bson.BsonDocument;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.bson.ByteBuf;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a document byte for byte. The driver reads some values as others (invalid
 * UTF-8), some not at all (old binaries of a wrong length), and of a key that occurs
 * twice the last one, where the server takes the first.
 */
public final class RawFields {

	private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();

	private static final int LENGTH = Integer.BYTES;

	private RawFields() {
	}

	/**
	 * What a field holds.
	 * @param document the document
	 * @param field its name
	 * @return the value of the first field of that name, or null where there is none, or
	 * where it would be written as something else than was read
	 */
	public static @Nullable BsonValue value(RawBsonDocument document, String field) {
		try {
			BsonValue value = document.get(field);
			return (value != null && isFaithful(document, field, value)) ? value : null;
		}
		catch (RuntimeException ex) {
			return null;
		}
	}

	/**
	 * Some of the fields, the first of each name. As a filter, it matches what the
	 * document has, even where the driver could not write that.
	 * @param document the document
	 * @param names which fields
	 * @return a document of these fields
	 */
	public static RawBsonDocument only(RawBsonDocument document, Collection<String> names) {
		Set<String> wanted = new HashSet<>(names);
		byte[] bytes = bytes(document);
		ByteBuffer only = ByteBuffer.allocate(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
		only.position(LENGTH);
		walk(document, (name, from, to) -> {
			if (wanted.remove(name)) {
				only.put(bytes, from, to - from);
			}
		});
		only.put((byte) 0);
		only.putInt(0, only.position());
		return new RawBsonDocument(Arrays.copyOf(only.array(), only.position()));
	}

	/** Whether two documents have the same bytes; their own comparison reads values. */
	static boolean isSame(RawBsonDocument one, RawBsonDocument other) {
		return Arrays.equals(bytes(one), bytes(other));
	}

	/** Each field by itself, the first of each name. */
	static Map<String, RawBsonDocument> each(RawBsonDocument document) {
		Map<String, RawBsonDocument> each = new LinkedHashMap<>();
		byte[] bytes = bytes(document);
		walk(document, (name, from, to) -> {
			if (!each.containsKey(name)) {
				ByteBuffer single = ByteBuffer.allocate(LENGTH + to - from + 1).order(ByteOrder.LITTLE_ENDIAN);
				single.putInt(single.capacity()).put(bytes, from, to - from);
				each.put(name, new RawBsonDocument(single.array()));
			}
		});
		return each;
	}

	private static boolean isFaithful(RawBsonDocument document, String field, BsonValue value) {
		if (value.isDocument() || value.isArray()) {
			// fails where something in it cannot be read, and so cannot be compared
			int unused = value.hashCode();
		}
		RawBsonDocument written = new RawBsonDocument(new BsonDocument(field, value), CODEC);
		return isSame(written, only(document, Set.of(field)));
	}

	private static void walk(RawBsonDocument document, Element each) {
		ByteBuf buffer = document.getByteBuffer();
		int start = buffer.position();
		try (BsonBinaryReader reader = new BsonBinaryReader(buffer.asNIO())) {
			reader.readStartDocument();
			int from = reader.getBsonInput().getPosition();
			while (reader.readBsonType() != BsonType.END_OF_DOCUMENT) {
				String name = reader.readName();
				reader.skipValue();
				int to = reader.getBsonInput().getPosition();
				each.at(name, from - start, to - start);
				from = to;
			}
		}
	}

	private static byte[] bytes(RawBsonDocument document) {
		ByteBuf buffer = document.getByteBuffer();
		byte[] bytes = new byte[buffer.remaining()];
		buffer.get(bytes);
		return bytes;
	}

	private interface Element {

		void at(String name, int from, int to);

	}

}
