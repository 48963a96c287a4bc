package dev.taskqueue.store;

import org.bson.BsonReader;
import org.bson.BsonWriter;
import org.bson.RawBsonDocument;
import org.bson.codecs.Codec;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.EncoderContext;

/**
 * Stands for an id that the driver cannot write as it is stored, such as a text that is
 * no UTF-8: the document is not found by it.
 *
 * @param filter finds the document by the bytes of its id
 */
public record UnreadableId(RawBsonDocument filter) {

	@Override
	public String toString() {
		return "(an id that cannot be read)";
	}

	/**
	 * Writes what no id is, so that a query which names such an id among others finds the
	 * others.
	 */
	static final class UnreadableIdCodec implements Codec<UnreadableId> {

		@Override
		public void encode(BsonWriter writer, UnreadableId id, EncoderContext context) {
			writer.writeStartDocument();
			writer.writeBoolean("unreadable", true);
			writer.writeEndDocument();
		}

		@Override
		public UnreadableId decode(BsonReader reader, DecoderContext context) {
			throw new UnsupportedOperationException();
		}

		@Override
		public Class<UnreadableId> getEncoderClass() {
			return UnreadableId.class;
		}

	}

}
