package dev.taskqueue.store;

import java.util.Date;
import java.util.List;

import dev.taskqueue.testsupport.BsonBytes.Fields;
import dev.taskqueue.testsupport.BsonBytes.Value;
import org.bson.BsonUndefined;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StoredDocumentCodecTests {

	private static final Value OLD_BINARY = Value.binary(2, new byte[] { 99, 0, 0, 0, 7 });

	private static final Value NO_UTF8 = Value.text(new byte[] { 'a', (byte) 0xFF });

	private final StoredDocumentCodec codec = new StoredDocumentCodec();

	@Test
	void readsAsTheDriverDoes() {
		Document document = new Document("_id", new ObjectId()).append("text", "\uFFFD")
			.append("list", List.of(1, new Document("a", new Date())));

		assertThat(decode(new RawBsonDocument(document, this.codec))).isEqualTo(document);
	}

	@Test
	void readsTheFirstOfSeveralFieldsOfAName() {
		assertThat(decode(new Fields().add("_id", Value.int32(1))
			.add("a", Value.text("first"))
			.add("b", Value.int32(2))
			.add("a", Value.text("second"))
			.toDocument())).isEqualTo(new Document("_id", 1).append("a", "first").append("b", 2));
	}

	@Test
	void readsWhatIsReadableBesideWhatIsNot() {
		Document read = decode(new Fields().add("_id", Value.int32(1))
			.add("old", OLD_BINARY)
			.add("vector", Value.binary(9, new byte[] { 1 }))
			.add("nested", Value.array(OLD_BINARY))
			.add("text", NO_UTF8)
			.add("good", Value.text("yes"))
			.toDocument());

		assertThat(read).containsEntry("_id", 1).containsEntry("good", "yes");
		assertThat(List.of("old", "vector", "nested", "text")).extracting(read::get)
			.hasOnlyElementsOfType(BsonUndefined.class);
	}

	@Test
	void tellsAnIdThatWouldNotBeFoundAgain() {
		Value twice = Value.document(new Fields().add("a", Value.int32(1)).add("a", Value.int32(2)));

		for (Value id : List.of(OLD_BINARY, NO_UTF8, twice)) {
			RawBsonDocument document = new Fields().add("_id", id).add("a", Value.int32(1)).toDocument();
			assertThat(decode(document).get("_id"))
				.isInstanceOfSatisfying(UnreadableId.class,
						(unreadable) -> assertThat(
								RawFields.isSame(unreadable.filter(), new Fields().add("_id", id).toDocument()))
							.isTrue());
		}
		Value once = Value.document(new Fields().add("a", Value.int32(1)));
		assertThat(decode(new Fields().add("_id", once).toDocument())).containsEntry("_id", new Document("a", 1));
	}

	private Document decode(RawBsonDocument document) {
		return document.decode(this.codec);
	}

}
