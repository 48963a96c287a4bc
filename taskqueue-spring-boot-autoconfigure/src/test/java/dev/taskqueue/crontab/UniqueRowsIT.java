package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;

import dev.taskqueue.store.Indexes;
import dev.taskqueue.testsupport.BsonBytes;
import dev.taskqueue.testsupport.BsonBytes.Fields;
import dev.taskqueue.testsupport.BsonBytes.Value;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.MovableClock;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Rows whose jobs have a unique key. */
class UniqueRowsIT {

	private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

	private final Crontab crontab = new Crontab(MongoServer.freshDatabase());

	private final MovableClock clock = new MovableClock(NOON.plusMillis(40));

	private final CrontabScheduler scheduler = this.crontab.scheduler(this.clock);

	@AfterEach
	void drop() {
		MongoServer.drop(this.crontab.database.database());
	}

	@Test
	void rowOfOneTimeWaitsForItsKeyAndSaysWhoHasIt() {
		insertHolder("pending");
		Object id = insertOnce();
		Object neighbour = this.crontab.insert(Rows.row(Crontab.epoch(NOON)));
		Crontab.rounds(this.scheduler);

		assertThat(jobsOf(id)).isEmpty();
		assertThat(jobsOf(neighbour)).hasSize(1);
		assertThat(this.crontab.row(id)).containsEntry("is_done", false);
		assertThat(this.crontab.error(id)).containsEntry("field", "unique_key")
			.containsEntry("value", "k")
			.extractingByKey("message")
			.asString()
			.contains("job holder has it");

		// as another program may end it
		this.crontab.database.jobs()
			.updateOne(new Document("_id", "holder"), new Document("$set", new Document("state", "succeeded")));
		nextMinute();
		assertThat(jobsOf(id)).singleElement().satisfies((job) -> assertThat(job).containsEntry("unique_key", "k"));
		assertThat(this.crontab.row(id)).containsEntry("is_done", true).doesNotContainKey("error");
		assertThat(this.crontab.jobs()).filteredOn("_id", "holder")
			.singleElement()
			.satisfies((holder) -> assertThat(holder).containsEntry("ended_key", "k"));
	}

	@Test
	void keyThatIsHeldForAPeriodIsWaitedForToo() {
		this.crontab.database.jobs()
			.insertOne(holder("succeeded").append("unique_until", Date.from(NOON.plusSeconds(90))));
		Object id = insertOnce();
		Crontab.rounds(this.scheduler);
		nextMinute();
		assertThat(jobsOf(id)).isEmpty();

		nextMinute();

		assertThat(jobsOf(id)).hasSize(1);
	}

	@Test
	void recurringRowLeavesOutWhatMeetsItsKeyAndSaysSo() {
		Object id = insertEachMinute();
		Crontab.rounds(this.scheduler);
		String first = jobsOf(id).get(0).getString("_id");

		nextMinute();

		assertThat(jobsOf(id)).hasSize(1);
		assertThat(this.crontab.row(id)).containsEntry("time", Date.from(NOON.plusSeconds(120)))
			.containsEntry("skipped",
					new Document("time", Date.from(NOON.plusSeconds(60))).append("at", Date.from(this.clock.instant()))
						.append("job_id", first))
			.doesNotContainKey("error");
		end(first);
		nextMinute();
		assertThat(jobsOf(id)).hasSize(2);
	}

	@Test
	void ofSlotsThatWereMissedTheOneThatMeetsTheOneBeforeIsLeftOut() {
		Object id = insertEachMinute();
		this.crontab.update(id, "{$set: {misfire: 'all'}}");
		this.clock.advance(Duration.ofMinutes(3));

		for (int i = 0; i < 4; i++) {
			Crontab.rounds(this.scheduler);
		}

		assertThat(jobsOf(id)).hasSize(1);
		assertThat(this.crontab.row(id)).containsEntry("time", Date.from(NOON.plusSeconds(240)));
	}

	@Test
	void ofRowsWithOneKeyOneRunsAndTheOthersWait() {
		List<Object> ids = List.of(insertOnce(), insertOnce(), insertOnce());

		Crontab.rounds(this.scheduler);

		assertThat(this.crontab.jobs()).hasSize(1);
		end(this.crontab.jobs().get(0).getString("_id"));
		nextMinute();
		assertThat(this.crontab.jobs()).hasSize(2);
		assertThat(ids.stream().filter((id) -> this.crontab.error(id) != null)).hasSize(1);
	}

	@Test
	void ofRowsWhoseKeyBecomesFreeWhileTheyAreInsertedOneRunsAndTheOthersLeaveItOut() {
		Crontab.rounds(this.scheduler);
		insertHolder("succeeded");
		List<Object> ids = List.of(insertEachMinute(), insertEachMinute(), insertEachMinute());

		this.scheduler.round();

		List<Object> others = ids.stream().filter((id) -> jobsOf(id).isEmpty()).toList();
		assertThat(others).hasSize(2)
			.allSatisfy((id) -> assertThat(this.crontab.row(id)).containsKey("skipped").doesNotContainKey("error"));
	}

	@Test
	void stateThatLooksLikeAnOperatorKeepsNoKey() {
		Crontab.rounds(this.scheduler);
		this.crontab.database.jobs()
			.insertOne(holder("succeeded").append("state", new Document("$elemMatch", "running")));
		Object id = insertOnce();

		Crontab.rounds(this.scheduler);

		assertThat(jobsOf(id)).hasSize(1);
	}

	@Test
	void keyOfAJobThatCannotLetGoOfItIsRefusedToItsRowOnly() {
		Crontab.rounds(this.scheduler);
		this.crontab.database.jobs().insertOne(new Document("_id", "other").append("unique_key", "taken"));
		Fields twice = new Fields().add("_id", Value.text("holder"))
			.add("state", Value.text("succeeded"))
			.add("unique_key", Value.text("k"))
			.add("unique_key", Value.text("taken"));
		BsonBytes.insert(this.crontab.database.database().getCollection("taskqueue_jobs"), List.of(twice.toDocument()));
		Object id = insertOnce();
		Object neighbour = this.crontab.insert(Rows.row(Crontab.epoch(NOON)));

		Crontab.rounds(this.scheduler);

		assertThat(jobsOf(neighbour)).hasSize(1);
		assertThat(jobsOf(id)).isEmpty();
		assertThat(this.crontab.error(id)).extractingByKey("message").asString().contains("cannot be stored");
	}

	@Test
	void jobOfARowThatIsThereAlreadyIsInNobodysWay() {
		Object id = insertOnce();
		this.crontab.beforeMark = () -> {
			this.crontab.beforeMark = () -> {
			};
			throw new IllegalStateException("killed");
		};
		assertThatThrownBy(this.scheduler::round).hasMessage("killed");
		assertThat(jobsOf(id)).hasSize(1);

		Crontab.rounds(this.crontab.scheduler(this.clock));

		assertThat(jobsOf(id)).hasSize(1);
		assertThat(this.crontab.row(id)).containsEntry("is_done", true).doesNotContainKey("error");
	}

	@Test
	void rowWaitsWhileItsKeyWouldBeUniqueByLuckOnly() {
		this.crontab.database.jobs().dropIndex(Indexes.UNIQUE);
		Object id = insertOnce();
		Object neighbour = this.crontab.insert(Rows.row(Crontab.epoch(NOON)));

		Crontab.rounds(this.scheduler);

		assertThat(jobsOf(id)).isEmpty();
		assertThat(jobsOf(neighbour)).hasSize(1);
		assertThat(this.crontab.error(id)).extractingByKey("message").asString().contains("index of unique keys");
		Indexes.create(this.crontab.database);
		this.crontab.update(id, "{$set: {name: 'touched'}}");
		nextMinute();
		assertThat(jobsOf(id)).hasSize(1);
	}

	@Test
	void rowOfAFunctionWithUniqueJobsHasTheKeyThatASubmitWouldGive() {
		Object first = insertBill("bill", 7);
		Object same = insertBill("bill", 7);
		Object other = insertBill("bill", 8);
		Object own = this.crontab.insert(bill("bill", 7).append("unique_key", "mine"));

		Crontab.rounds(this.scheduler);

		assertThat(this.crontab.jobs()).extracting((job) -> job.get("unique_key"))
			.containsExactlyInAnyOrder("bill:7", "bill:8", "mine");
		assertThat(jobsOf(other)).hasSize(1);
		assertThat(jobsOf(own)).singleElement().satisfies((job) -> assertThat(job).doesNotContainKey("unique_until"));
		Object waiting = jobsOf(first).isEmpty() ? first : same;
		String holder = jobsOf(jobsOf(first).isEmpty() ? same : first).get(0).getString("_id");
		assertThat(this.crontab.error(waiting)).containsEntry("field", "unique_key")
			.extractingByKey("message")
			.asString()
			.contains("'bill:7'", "job " + holder + " has it", "give it another 'unique_key'");
		end(holder);
		nextMinute();
		assertThat(jobsOf(waiting)).hasSize(1);
	}

	@Test
	void keyOfAFunctionIsHeldForTheFunctionsPeriodFromTheSlotOn() {
		Object id = this.crontab.insert(bill("bill_hourly", 1).append("time", Date.from(NOON)).append("every", "20m"));

		for (int minutes = 0; minutes < 120; minutes += 20) {
			Crontab.rounds(this.scheduler);
			jobsOf(id).stream()
				.filter((job) -> "pending".equals(job.get("state")))
				.forEach((job) -> this.crontab.database.jobs()
					.updateOne(new Document("_id", job.get("_id")), Document.parse("{$set: {state: 'succeeded'}}")));
			this.clock.advance(Duration.ofMinutes(20));
		}

		assertThat(jobsOf(id)).extracting((job) -> job.get("origin", Document.class).getDate("time").toInstant())
			.containsExactly(NOON, NOON.plusSeconds(3600));
		assertThat(jobsOf(id).get(0)).containsEntry("unique_until", Date.from(NOON.plusMillis(40).plusSeconds(3600)));
	}

	@Test
	void jobThatASubmitLeftIsNotDoubledByARow() {
		this.crontab.database.jobs()
			.insertOne(new Document("_id", "submitted").append("state", "running").append("unique_key", "bill:9"));
		Object id = insertBill("bill", 9);

		Crontab.rounds(this.scheduler);

		assertThat(jobsOf(id)).isEmpty();
		assertThat(this.crontab.row(id)).containsEntry("is_done", false);
	}

	private Object insertBill(String function, int order) {
		return this.crontab.insert(bill(function, order));
	}

	private static Document bill(String function, int order) {
		return Rows.row(Crontab.epoch(NOON)).append("function", function).append("params", List.of(order));
	}

	private Object insertOnce() {
		return this.crontab.insert(Rows.row(Crontab.epoch(NOON)).append("unique_key", "k"));
	}

	private Object insertEachMinute() {
		return this.crontab.insert(Rows.row(Date.from(NOON)).append("every", "1m").append("unique_key", "k"));
	}

	private void insertHolder(String state) {
		this.crontab.database.jobs().insertOne(holder(state));
	}

	private static Document holder(String state) {
		return new Document("_id", "holder").append("state", state).append("unique_key", "k");
	}

	/** As a worker does. */
	private void end(String job) {
		this.crontab.database.jobs()
			.updateOne(new Document("_id", job), new Document("$set", new Document("state", "succeeded"))
				.append("$rename", new Document("unique_key", "ended_key")));
	}

	private void nextMinute() {
		this.clock.advance(Duration.ofMinutes(1));
		Crontab.rounds(this.scheduler);
	}

	private List<Document> jobsOf(Object row) {
		return this.crontab.jobs()
			.stream()
			.filter((job) -> job.containsKey("origin") && row.equals(job.get("origin", Document.class).get("row")))
			.toList();
	}

}
