package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.mongodb.MongoClientSettings;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SlotIdTests {

	private static final Instant SLOT = Instant.ofEpochSecond(0x69203940);

	@Test
	void beginsWithTheSlotAndIsTheSameOnEachNode() {
		String id = id(new Document("_id", 1).append("time", 5).append("params", List.of(1)));

		assertThat(id).matches("69203940[0-9a-f]{24}")
			.isEqualTo(id(new Document("time", 5).append("_id", 1).append("job_id", null)))
			// pinned: another id after an upgrade would run slots twice
			.isEqualTo("69203940a2ef0cf54b66a4d5d6bf2266");
	}

	@Test
	void differsByRowAndItsTypeByTimeAndByFormerJob() {
		Set<String> ids = new HashSet<>();
		for (Object rowId : List.of(1, 1L, "1", new ObjectId(), new Document("a", 1))) {
			for (Object time : List.of(5, 6)) {
				ids.add(id(new Document("_id", rowId).append("time", time)));
				ids.add(id(new Document("_id", rowId).append("time", time).append("job_id", "a")));
			}
		}

		assertThat(ids).hasSize(20);
	}

	private static String id(Document row) {
		return SlotId.of(new RawBsonDocument(row, MongoClientSettings.getDefaultCodecRegistry().get(Document.class)),
				SLOT);
	}

}
