package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.DuplicateJobException;
import dev.taskqueue.JobEvent;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/** What a submit does when another job has its unique key. */
@ExtendWith(MongoServer.class)
class UniqueSubmitIT {

	private static final Date LATER = Date.from(JobDocuments.NOW.plusSeconds(60));

	private final TaskQueueDatabase database;

	private final List<String> woken = new CopyOnWriteArrayList<>();

	private final List<JobEvent> events = new CopyOnWriteArrayList<>();

	private final Submitter submitter;

	UniqueSubmitIT(MongoDatabase database) {
		this.database = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10));
		this.submitter = submitter(Duration.ofSeconds(10));
	}

	@BeforeEach
	void startEmpty() {
		this.database.jobs().drop();
		Indexes.create(this.database);
	}

	@Test
	void secondSubmitGivesTheFirstAndSaysSo() {
		Submitted first = submit(job("k", 1), OnDuplicate.RETURN_FIRST);
		Submitted second = submit(job("k", 2), OnDuplicate.RETURN_FIRST);

		assertThat(first.isDuplicate()).isFalse();
		assertThat(second).isEqualTo(new Submitted(first.id(), true));
		assertThat(only()).containsEntry("params", List.of(1)).containsEntry("unique_key", "k");
		assertThat(this.events).extracting(JobEvent::jobId).containsExactly(first.id());
		assertThat(this.woken).hasSize(1);
	}

	@Test
	void secondSubmitThrowsWhereThatIsAskedFor() {
		Submitted first = submit(job("k", 1), OnDuplicate.THROW);

		assertThatExceptionOfType(DuplicateJobException.class).isThrownBy(() -> submit(job("k", 2), OnDuplicate.THROW))
			.withMessageContaining("job " + first.id() + " has its unique key 'k'")
			.satisfies((ex) -> {
				assertThat(ex.getUniqueKey()).isEqualTo("k");
				assertThat(ex.getFirstId()).isEqualTo(first.id());
			});
		assertThat(only()).containsEntry("params", List.of(1));
	}

	@Test
	void pendingJobIsReplacedAndStartsAnew() {
		Submitted first = submit(job("k", 1).append("run_at", LATER), OnDuplicate.REPLACE);
		this.database.jobs()
			.updateOne(new Document(),
					Document.parse("{$set: {attempt: 3, error: {reason: 'timeout'}, claim: 'old'}}"));

		Submitted second = submit(job("k", 2).append("queue", "other").append("priority", 9), OnDuplicate.REPLACE);

		assertThat(second).isEqualTo(new Submitted(first.id(), false));
		assertThat(only()).containsEntry("_id", new ObjectId(first.id()))
			.containsEntry("params", List.of(2))
			.containsEntry("queue", "other")
			.containsEntry("priority", 9)
			.containsEntry("unique_key", "k")
			.containsEntry("state", "pending")
			.doesNotContainKeys("attempt", "error")
			// so that a claim which has read the former job matches nothing
			.hasEntrySatisfying("claim", (claim) -> assertThat(claim).isNotEqualTo("old"));
		assertThat(this.woken).containsExactly("other");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{$set: {state: 'running'}}", "{$set: {cancel_requested: true}}",
			"{$set: {state: 'succeeded', unique_until: ISODate('2030-01-01T00:00:00Z')}}" })
	void jobThatIsNotMerelyPendingIsNotReplaced(String change) {
		Submitted first = submit(job("k", 1), OnDuplicate.REPLACE);
		this.database.jobs().updateOne(new Document(), Document.parse(change));

		Submitted second = submit(job("k", 2), OnDuplicate.REPLACE);

		assertThat(second).isEqualTo(new Submitted(first.id(), true));
		assertThat(only()).containsEntry("params", List.of(1));
	}

	@ParameterizedTest
	@EnumSource
	void thirtyTwoThreadsOfTwoNodesThatRaceMakeOneJob(OnDuplicate onDuplicate) throws Exception {
		List<Submitter> nodes = List.of(this.submitter, submitter(Duration.ofSeconds(10)));
		Set<String> submitted = ConcurrentHashMap.newKeySet();
		Set<String> seen = ConcurrentHashMap.newKeySet();
		CyclicBarrier start = new CyclicBarrier(32);
		ExecutorService threads = Executors.newFixedThreadPool(32);
		List<Future<?>> all = new ArrayList<>();
		for (int i = 0; i < 32; i++) {
			int number = i;
			all.add(threads.submit(() -> {
				start.await();
				for (int key = 0; key < 20; key++) {
					try {
						Submitted one = nodes.get(number % 2)
							.submit(new Submission(job("k" + key, number).append("run_at", LATER), onDuplicate));
						seen.add(one.id());
						if (!one.isDuplicate()) {
							submitted.add(one.id());
						}
					}
					catch (DuplicateJobException ex) {
						seen.add(ex.getFirstId());
					}
				}
				return null;
			}));
		}
		for (Future<?> one : all) {
			one.get();
		}
		threads.shutdown();

		assertThat(this.database.jobs().countDocuments()).isEqualTo(20);
		assertThat(submitted).hasSize(20).isEqualTo(seen);
		assertThat(this.database.jobs().find().map((job) -> job.getObjectId("_id").toHexString()))
			.allMatch(seen::contains);
	}

	@Test
	void neighboursOfADuplicateInOneBulkAreSubmittedAndOnlyTheyAreCounted() {
		submit(job("k7", "first"), OnDuplicate.RETURN_FIRST);
		this.events.clear();

		long submitted = this.submitter.submitAll(IntStream.range(0, 2500)
			.mapToObj((i) -> new Submission((i % 10 == 0) ? job("k" + i % 100, i) : JobDocuments.job("bill", i)))
			.iterator());

		// k0, k10, … k90 are new, and 240 are duplicates of them
		assertThat(submitted).isEqualTo(2250 + 10);
		assertThat(this.database.jobs().countDocuments()).isEqualTo(2250 + 10 + 1);
		assertThat(this.events).hasSize(2260).extracting(JobEvent::jobId).doesNotHaveDuplicates();
	}

	@Test
	void duplicateThatIsToThrowEndsABulkAndSaysHowManyWereSubmitted() {
		submit(job("k", "first"), OnDuplicate.RETURN_FIRST);

		assertThatExceptionOfType(DuplicateJobException.class)
			.isThrownBy(() -> this.submitter.submitAll(
					List.of(new Submission(JobDocuments.job("bill", 1)), new Submission(job("k", 2), OnDuplicate.THROW),
							new Submission(JobDocuments.job("bill", 3)))
						.iterator()))
			.withMessageContaining("2 jobs were submitted before");
	}

	@Test
	void bulkReplacesWhatIsPending() {
		submit(job("k", "first"), OnDuplicate.RETURN_FIRST);

		long submitted = this.submitter.submitAll(List.of(new Submission(job("k", 1), OnDuplicate.REPLACE),
				new Submission(job("l", 2)), new Submission(job("k", 3), OnDuplicate.REPLACE))
			.iterator());

		assertThat(submitted).isEqualTo(3);
		assertThat(this.database.jobs().countDocuments()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{$set: {state: 'succeeded'}}", "{$set: {state: 'done'}}", "{$unset: {state: 1}}",
			"{$set: {state: 'failed', unique_until: ISODate('2020-01-01T00:00:00Z')}}" })
	void keyOfAnEndedJobThatHasItYetIsFreed(String end) {
		Submitted first = submit(job("k", 1), OnDuplicate.RETURN_FIRST);
		this.database.jobs().updateOne(new Document(), Document.parse(end));

		Submitted second = submit(job("k", 2), OnDuplicate.THROW);

		assertThat(second.isDuplicate()).isFalse();
		assertThat(second.id()).isNotEqualTo(first.id());
		assertThat(this.database.jobs().find(Filters.eq("_id", new ObjectId(first.id()))).first())
			.containsEntry("ended_key", "k")
			.doesNotContainKey("unique_key");
	}

	@Test
	void keyOfAnEndedJobIsHeldUntilItsPeriodIsOver() {
		Submitted first = submit(job("k", 1), OnDuplicate.RETURN_FIRST);
		this.database.jobs()
			.updateOne(new Document(),
					new Document("$set", new Document("state", "succeeded").append("unique_until", LATER)));

		assertThat(submit(job("k", 2), OnDuplicate.RETURN_FIRST)).isEqualTo(new Submitted(first.id(), true));
		assertThat(submit(job("k", 3).append("created_at", LATER), OnDuplicate.RETURN_FIRST).isDuplicate()).isFalse();
	}

	@Test
	void jobsOfOtherProgramsWithOddKeysAreInNobodysWay() {
		this.database.jobs()
			.insertMany(List.of(JobDocuments.job("theirs").append("unique_key", List.of("k", "l")),
					JobDocuments.job("theirs").append("unique_key", 7),
					JobDocuments.job("theirs").append("unique_key", null)));

		assertThat(submit(job("k", 1), OnDuplicate.RETURN_FIRST).isDuplicate()).isTrue();
		assertThat(submit(job("7", 1), OnDuplicate.RETURN_FIRST).isDuplicate()).isFalse();
		assertThat(submit(JobDocuments.job("bill", 1), OnDuplicate.RETURN_FIRST).isDuplicate()).isFalse();
	}

	@Test
	void takenIdIsToldFromATakenKey() {
		submit(JobDocuments.jobWithId("a", "bill", 1).append("unique_key", "k"), OnDuplicate.RETURN_FIRST);

		assertThat(submit(JobDocuments.jobWithId("a", "bill", 1).append("unique_key", "k"), OnDuplicate.THROW))
			.isEqualTo(new Submitted("a", false));
		assertThat(submit(JobDocuments.jobWithId("b", "bill", 1).append("unique_key", "k"), OnDuplicate.RETURN_FIRST))
			.isEqualTo(new Submitted("a", true));
		assertThat(catchThrowable(() -> submit(JobDocuments.jobWithId("a", "bill", 2).append("unique_key", "l"),
				OnDuplicate.RETURN_FIRST)))
			.isInstanceOf(IllegalArgumentException.class)
			.hasMessageContaining("another job has the id 'a'");
	}

	@Test
	void withoutItsIndexNoKeyIsTakenAndPlainJobsAre() {
		this.database.jobs().dropIndex(Indexes.UNIQUE);
		Submitter submitter = submitter(Duration.ofMillis(500));

		submitter.submit(JobDocuments.job("bill", 1));
		assertThatExceptionOfType(TaskQueueException.class)
			.isThrownBy(() -> submitter.submit(new Submission(job("k", 1))))
			.withMessageContaining("The index {\"unique_key\": 1}")
			.withMessageContaining("create-indexes");

		assertThat(only()).doesNotContainKey("unique_key");
		Indexes.create(this.database);
		assertThat(submitter.submit(new Submission(job("k", 1))).isDuplicate()).isFalse();
	}

	@Test
	void noKeyIsTakenBeforeThereIsACollection() {
		this.database.jobs().drop();
		Submitter submitter = submitter(Duration.ofMillis(500));

		assertThatExceptionOfType(TaskQueueException.class)
			.isThrownBy(() -> submitter.submit(new Submission(job("k", 1))))
			.withMessageContaining("The index {\"unique_key\": 1}");
		assertThat(this.database.jobs().countDocuments()).isZero();

		Indexes.create(this.database);
		assertThat(submitter.submit(new Submission(job("k", 1))).isDuplicate()).isFalse();
		assertThat(submitter.submit(new Submission(job("k", 2))).isDuplicate()).isTrue();
	}

	private Submitter submitter(Duration timeout) {
		return new Submitter(this.database, Transactions.NONE, this.woken::add, this.events::add, 1_000_000, timeout);
	}

	private Submitted submit(Document job, OnDuplicate onDuplicate) {
		return this.submitter.submit(new Submission(job, onDuplicate));
	}

	private Document only() {
		assertThat(this.database.jobs().countDocuments()).isOne();
		return Objects.requireNonNull(this.database.jobs().find().first());
	}

	private static Document job(String key, Object param) {
		return JobDocuments.job("bill", param).append(JobDocument.UNIQUE_KEY, key);
	}

}
