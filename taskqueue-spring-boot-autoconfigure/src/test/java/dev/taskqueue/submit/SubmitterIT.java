package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.JobEvent;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

@ExtendWith(MongoServer.class)
class SubmitterIT {

	private final TaskQueueDatabase database;

	private final List<String> woken = new CopyOnWriteArrayList<>();

	private final List<JobEvent> events = new CopyOnWriteArrayList<>();

	private final Submitter submitter;

	SubmitterIT(MongoDatabase database) {
		this.database = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10));
		this.submitter = new Submitter(this.database, Transactions.NONE, this.woken::add, this.events::add, 1_000_000,
				Duration.ofSeconds(10));
	}

	@BeforeEach
	void startEmpty() {
		this.database.jobs().drop();
		Indexes.create(this.database);
	}

	@Test
	void jobIsInTheStoreAsItWasGivenAndItsQueueIsWoken() {
		Document job = JobDocuments.job("bill", "x", 7).append(JobDocument.QUEUE, "money");

		this.submitter.submit(job);

		assertThat(this.database.jobs().find()).containsExactly(job);
		assertThat(this.woken).containsExactly("money");
		assertThat(this.events)
			.containsExactly(new JobEvent.Enqueued(job.getObjectId(JobDocument.ID).toHexString(), "bill", "money"));
	}

	@Test
	void jobOfALaterTimeWakesNobody() {
		this.submitter
			.submit(JobDocuments.job("bill").append(JobDocument.RUN_AT, Date.from(JobDocuments.NOW.plusSeconds(60))));

		assertThat(this.woken).isEmpty();
		assertThat(this.events).hasSize(2);
		assertThat(this.events.get(0)).isInstanceOf(JobEvent.Enqueued.class);
		assertThat(this.events.get(1)).isInstanceOfSatisfying(JobEvent.Scheduled.class,
				(scheduled) -> assertThat(scheduled.runAt()).isEqualTo(JobDocuments.NOW.plusSeconds(60)));
	}

	@Test
	void listenerThatFailsDoesNotFailTheSubmit() {
		Submitter submitter = new Submitter(this.database, Transactions.NONE, this.woken::add, (event) -> {
			throw new IllegalStateException("listener");
		}, 1_000_000, Duration.ofSeconds(10));

		submitter.submit(JobDocuments.job("bill"));

		assertThat(this.database.jobs().countDocuments()).isOne();
	}

	@Test
	void eachJobOfSixtyFourThreadsExistsOnce() throws Exception {
		Set<Object> ids = ConcurrentHashMap.newKeySet();
		ExecutorService threads = Executors.newFixedThreadPool(64);
		List<Future<?>> all = new ArrayList<>();
		for (int i = 0; i < 64; i++) {
			all.add(threads.submit(() -> IntStream.range(0, 50).forEach((j) -> {
				Document job = JobDocuments.job("bill", j);
				this.submitter.submit(job);
				ids.add(job.getObjectId(JobDocument.ID));
			})));
		}
		for (Future<?> one : all) {
			one.get();
		}
		threads.shutdown();

		assertThat(this.database.jobs().distinct(JobDocument.ID, ObjectId.class)).hasSize(3200)
			.containsExactlyInAnyOrderElementsOf(ids.stream().map(ObjectId.class::cast).toList());
		assertThat(this.database.jobs().countDocuments()).isEqualTo(3200);
		assertThat(this.events).hasSize(3200);
	}

	@Test
	void secondSubmitUnderACallersIdIsNoSecondJob() {
		this.submitter.submit(JobDocuments.jobWithId("order-7", "bill", 7));
		this.submitter.submit(JobDocuments.jobWithId("order-7", "bill", 7));

		assertThat(this.database.jobs().countDocuments()).isOne();
	}

	@Test
	void otherJobUnderACallersIdIsRefusedByName() {
		this.submitter.submit(JobDocuments.jobWithId("order-7", "bill", 7));

		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.submitter.submit(JobDocuments.jobWithId("order-7", "bill", 8)))
			.withMessageContaining("'order-7'")
			.withMessageContaining("Give each job an id of its own");
		assertThat(this.events).hasSize(1);
	}

	@Test
	void manyThreadsWithOneIdMakeOneJob() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(16);
		List<Future<?>> all = new ArrayList<>();
		for (int i = 0; i < 16; i++) {
			all.add(threads.submit(() -> this.submitter.submit(JobDocuments.jobWithId("order-7", "bill", 7))));
		}
		for (Future<?> one : all) {
			one.get();
		}
		threads.shutdown();

		assertThat(this.database.jobs().countDocuments()).isOne();
	}

	@Test
	void readsAHundredThousandJobsNoFasterThanItWritesThem() {
		AtomicLong read = new AtomicLong();
		AtomicLong told = new AtomicLong();
		AtomicLong ahead = new AtomicLong();
		Submitter submitter = new Submitter(this.database, Transactions.NONE, this.woken::add,
				(event) -> told.incrementAndGet(), 1_000_000, Duration.ofSeconds(30));
		Stream<Document> jobs = IntStream.range(0, 100_000).mapToObj((i) -> {
			ahead.accumulateAndGet(read.incrementAndGet() - told.get(), Math::max);
			return JobDocuments.job("bill", i);
		});

		assertThat(submitter.submitAll(jobs.map(Submission::new).iterator())).isEqualTo(100_000);

		assertThat(this.database.jobs().countDocuments()).isEqualTo(100_000);
		assertThat(ahead.get()).isLessThanOrEqualTo(1001);
		assertThat(this.woken).containsOnly("default");
	}

	@Test
	void bulkSaysHowManyWereSubmittedBeforeAJobThatCannotBe() {
		Stream<Document> jobs = IntStream.range(0, 2500)
			.mapToObj((i) -> JobDocuments.job("bill", (i == 2200) ? "x".repeat(2_000_000) : "x"));

		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.submitter.submitAll(jobs.map(Submission::new).iterator()))
			.withMessageContaining("largest argument is number 1")
			.withMessageContaining("2000 jobs were submitted before");
		assertThat(this.database.jobs().countDocuments()).isEqualTo(2000);
	}

	@Test
	void bulkRefusesAnIdThatAnotherJobHasAndWritesTheRestOfItsBatch() {
		this.submitter.submit(JobDocuments.jobWithId("order-1", "bill", "other"));
		Stream<Document> jobs = IntStream.range(0, 10).mapToObj((i) -> JobDocuments.jobWithId("order-" + i, "bill", i));

		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.submitter.submitAll(jobs.map(Submission::new).iterator()))
			.withMessageContaining("'order-1'")
			.withMessageContaining("9 jobs were submitted before");
	}

	@Test
	void bulkLeavesTheExceptionOfItsStreamAsItIs() {
		Stream<Document> jobs = IntStream.range(0, 2500).mapToObj((i) -> {
			if (i == 1500) {
				throw new IllegalStateException("the file ended");
			}
			return JobDocuments.job("bill", i);
		});

		assertThatIllegalStateException()
			.isThrownBy(() -> this.submitter.submitAll(jobs.map(Submission::new).iterator()))
			.withMessage("the file ended")
			.satisfies((ex) -> assertThat(ex.getSuppressed()[0]).hasMessageContaining("1000 jobs were submitted"));
	}

	@Test
	void interruptedThreadSubmitsNothingAndStaysInterrupted() {
		Thread.currentThread().interrupt();

		Throwable thrown = catchThrowable(() -> this.submitter.submit(JobDocuments.job("bill")));

		assertThat(Thread.interrupted()).isTrue();
		assertThat(thrown).hasMessageContaining("interrupted. It does not exist");
		assertThat(this.database.jobs().countDocuments()).isZero();
	}

}
