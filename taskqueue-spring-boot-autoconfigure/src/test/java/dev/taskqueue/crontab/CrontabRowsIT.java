package dev.taskqueue.crontab;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.crontab.CrontabRows.RecurringRow;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.testsupport.EmbeddedServer;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.BsonBinary;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The list of the rows that recur. */
class CrontabRowsIT {

	private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

	private static final ObjectId FIRST = new ObjectId("66f0c0ffee00000000000001");

	private static final ObjectId SECOND = new ObjectId("66f0c0ffee00000000000002");

	private static final UUID UNIQUE = UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

	private static final List<String> ALL = List.of("periodic:a", "periodic:b", "periodic:c", "7", "mine",
			"periodic:of another program", UNIQUE.toString(), FIRST.toHexString(), SECOND.toHexString());

	private final Crontab crontab = new Crontab(MongoServer.freshDatabase());

	private final CrontabRows rows = rows(this.crontab);

	@AfterEach
	void drop() {
		MongoServer.drop(this.crontab.database.database());
	}

	@Test
	void isReadPageByPageWhateverTheIdsAre() {
		insertAll(this.crontab, this.rows);

		for (int limit : new int[] { 1, 2, 4, 9, 100 }) {
			assertThat(pages(this.rows, limit)).as("by %d", limit).isEqualTo(ALL);
		}
	}

	@Test
	void goesOnWhereItWasWhenTheLastRowOfAPageIsGone() {
		insertAll(this.crontab, this.rows);
		this.crontab.database.crontab()
			.deleteMany(new Document("_id", new Document("$in", List.of("periodic:b", "mine", FIRST))));

		assertThat(ids(this.rows.recurring(1, "periodic:b"))).containsExactly("periodic:c");
		assertThat(ids(this.rows.recurring(1, "mine"))).containsExactly("periodic:of another program");
		assertThat(ids(this.rows.recurring(9, FIRST.toHexString()))).containsExactly(SECOND.toHexString());
	}

	@Test
	void isReadWhereNoWorkerHasCreatedTheIndexYet() {
		insertAll(this.crontab, this.rows);
		this.crontab.database.crontab().dropIndex(Indexes.RECURRING_ROWS);

		assertThat(pages(this.rows, 2)).isEqualTo(ALL);
	}

	@Test
	void isReadPageByPageOnTheEmbeddedServerToo() {
		try (EmbeddedServer server = EmbeddedServer.start()) {
			Crontab embedded = new Crontab(server.freshDatabase());
			CrontabRows rows = rows(embedded);
			embedded.insert(row(FIRST));
			embedded.insert(row("mine"));
			embedded.insert(row(SECOND));

			assertThat(pages(rows, 1)).containsExactly("mine", FIRST.toHexString(), SECOND.toHexString());
		}
	}

	@Test
	void rowsAreFoundByIdsOfAnyType() {
		insertAll(this.crontab, this.rows);

		for (String id : ALL) {
			assertThat(this.rows.setEnabled(id, false)).as(id).isTrue();
		}

		assertThat(this.rows.setEnabled("8", false)).isFalse();
		assertThat(this.crontab.database.crontab().countDocuments(new Document("enabled", false)))
			.isEqualTo(ALL.size());
	}

	private static CrontabRows rows(Crontab crontab) {
		return new CrontabRows(crontab.database, new MovableClock(NOON), PeriodicJobsIT.MAPPER,
				() -> FunctionRegistry.of(List.of()), crontab.settings, crontab.woken::add);
	}

	private static void insertAll(Crontab crontab, CrontabRows rows) {
		for (String name : List.of("b", "c", "a")) {
			rows.periodic()
				.put("api", PeriodicDefinition
					.of(PeriodicJobSpec.named(name).function("sql_execute_now").every("1h").build(), rows.mapper()),
						null, false, (row) -> false);
		}
		for (Object id : List.of(SECOND, "mine", new BsonBinary(UNIQUE), "periodic:of another program", 7, FIRST)) {
			crontab.insert(row(id));
		}
	}

	private static Document row(Object id) {
		return Rows.row(Crontab.epoch(NOON))
			.append("_id", id)
			.append("every", "1h")
			.append("next", new Document("schedule", "1h").append("times", List.of()));
	}

	private static List<String> pages(CrontabRows rows, int limit) {
		List<String> ids = new ArrayList<>();
		@Nullable String last = null;
		List<RecurringRow> page;
		do {
			page = rows.recurring(limit, last);
			ids.addAll(ids(page));
			last = page.isEmpty() ? null : page.get(page.size() - 1).id();
		}
		while (page.size() == limit && ids.size() < 100);
		return ids;
	}

	private static List<String> ids(List<RecurringRow> rows) {
		return rows.stream().map(RecurringRow::id).toList();
	}

}
