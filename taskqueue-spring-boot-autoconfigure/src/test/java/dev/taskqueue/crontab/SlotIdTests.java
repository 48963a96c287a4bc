package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.bson.BsonDocument;
import org.bson.BsonObjectId;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SlotIdTests {

	private static final int SLOT = 0x69203940;

	@Test
	void beginsWithTheSlotAndIsTheSameOnEachNode() {
		String id = id(new Document("_id", 1).append("time", SLOT).append("params", List.of(1)));

		assertThat(id).matches("69203940[0-9a-f]{24}")
			.isEqualTo(id(new Document("time", SLOT).append("_id", 1).append("job_id", null)))
			// pinned: another id after an upgrade would run slots twice
			.isEqualTo("69203940001052920725c9b3813d7521");
	}

	@Test
	void isMadeOfSlotAndRowWhereTheServerCanMakeItToo() {
		ObjectId row = new ObjectId("6b089b11fbbe04b1f26016a7");

		assertThat(id(new Document("_id", row).append("time", SLOT))).isEqualTo("692039406b089b11fbbe04b1f26016a7");
		assertThat(SlotId.of(new BsonObjectId(row), Instant.ofEpochSecond(SLOT, 1_000_000), null))
			.matches("69203940[0-9a-f]{24}")
			.doesNotContain(row.toHexString());
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
		BsonDocument stored = row.toBsonDocument();
		return SlotId.of(stored.get("_id"), Instant.ofEpochSecond(row.getInteger("time")), stored.get("job_id"));
	}

}
