package dev.taskqueue.store;

import com.mongodb.MongoClientSettings;
import dev.taskqueue.store.UnreadableId.UnreadableIdCodec;
import org.bson.BsonReader;
import org.bson.BsonReaderMark;
import org.bson.BsonType;
import org.bson.BsonUndefined;
import org.bson.BsonValue;
import org.bson.BsonWriter;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.codecs.CollectibleCodec;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.DocumentCodec;
import org.bson.codecs.EncoderContext;
import org.bson.codecs.RawBsonDocumentCodec;
import org.bson.codecs.configuration.CodecRegistries;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents that other programs wrote, as the server sees them: of a key that
 * occurs twice the first one holds. A field that the driver cannot read, or a text that
 * is no UTF-8, is {@code undefined}, so that the one document is refused where it is
 * used, and not each reply that it comes with. An id that would not be found again is an
 * {@link UnreadableId}.
 */
final class StoredDocumentCodec implements CollectibleCodec<Document> {

	private static final char REPLACEMENT = '\uFFFD';

	/** UUIDs stay binaries, which are written as they were read. */
	private static final DocumentCodec DRIVERS = new DocumentCodec(CodecRegistries.fromRegistries(
			MongoClientSettings.getDefaultCodecRegistry(), CodecRegistries.fromCodecs(new UnreadableIdCodec())));

	private static final RawBsonDocumentCodec RAW = new RawBsonDocumentCodec();

	@Override
	public Document decode(BsonReader reader, DecoderContext context) {
		BsonReaderMark start = reader.getMark();
		try {
			Document document = DRIVERS.decode(reader, context);
			start.reset();
			if (countFields(reader) == document.size() && isFaithful(document)) {
				return document;
			}
		}
		catch (RuntimeException ex) {
			// field by field, to find out which
		}
		start.reset();
		return decodeEach(RAW.decode(reader, context));
	}

	private static Document decodeEach(RawBsonDocument raw) {
		Document document = new Document();
		RawFields.each(raw).forEach((name, field) -> {
			Object value = decode(name, field);
			document.put(name,
					(value instanceof BsonUndefined && name.equals(JobDocument.ID)) ? new UnreadableId(field) : value);
		});
		return document;
	}

	private static @Nullable Object decode(String name, RawBsonDocument field) {
		try {
			Document decoded = field.decode(DRIVERS);
			boolean mustBeFaithful = name.equals(JobDocument.ID) || decoded.get(name) instanceof String;
			return (!mustBeFaithful || RawFields.isSame(new RawBsonDocument(decoded, DRIVERS), field))
					? decoded.get(name) : new BsonUndefined();
		}
		catch (RuntimeException ex) {
			return new BsonUndefined();
		}
	}

	/** Whether names and the id are certainly what is stored. */
	private static boolean isFaithful(Document document) {
		Object id = document.get(JobDocument.ID);
		return !(id instanceof Document) && !(id instanceof BsonValue)
				&& document.values()
					.stream()
					.noneMatch((value) -> value instanceof String text && text.indexOf(REPLACEMENT) >= 0);
	}

	private static int countFields(BsonReader reader) {
		int count = 0;
		reader.readStartDocument();
		while (reader.readBsonType() != BsonType.END_OF_DOCUMENT) {
			reader.skipName();
			reader.skipValue();
			count++;
		}
		reader.readEndDocument();
		return count;
	}

	@Override
	public void encode(BsonWriter writer, Document document, EncoderContext context) {
		DRIVERS.encode(writer, document, context);
	}

	@Override
	public Class<Document> getEncoderClass() {
		return Document.class;
	}

	@Override
	public Document generateIdIfAbsentFromDocument(Document document) {
		return DRIVERS.generateIdIfAbsentFromDocument(document);
	}

	@Override
	public boolean documentHasId(Document document) {
		return DRIVERS.documentHasId(document);
	}

	@Override
	public BsonValue getDocumentId(Document document) {
		return DRIVERS.getDocumentId(document);
	}

}
