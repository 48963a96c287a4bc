package dev.taskqueue.submit;

import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.TcpProxy;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The driver's own retries are off, so that each failure reaches our code.
 */
class LostReplyIT {

	@SuppressWarnings("NullAway.Init")
	private static OwnMongoServer server;

	@SuppressWarnings("NullAway.Init")
	private static MongoClient client;

	@SuppressWarnings("NullAway.Init")
	private TaskQueueDatabase database;

	@BeforeAll
	static void start() {
		server = MongoServer.startOwn(true);
		client = MongoClients.create(server.uri() + (server.uri().contains("?") ? "&" : "?") + "retryWrites=false");
	}

	@AfterAll
	static void stop() {
		client.close();
		server.close();
	}

	@BeforeEach
	void startEmpty() {
		this.database = new TaskQueueDatabase(client.getDatabase("lost"), "taskqueue_", "crontab_jobs",
				Duration.ofSeconds(10));
		this.database.jobs().drop();
	}

	@AfterEach
	void mend() {
		client.getDatabase("admin").runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: 'off'}"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{closeConnection: true}", "{errorCode: 10107}",
			"{writeConcernError: {code: 64, errmsg: 'waiting for replication timed out'}}" })
	void jobIsTakenOnceWhenTheFirstTwoInsertsFail(String failure) {
		fail("{times: 2}", failure);

		submitter(Duration.ofSeconds(10)).submit(JobDocuments.job("bill", 1));

		assertThat(this.database.jobs().countDocuments()).isOne();
	}

	@ParameterizedTest
	@ValueSource(strings = { "{closeConnection: true}",
			"{writeConcernError: {code: 64, errmsg: 'waiting for replication timed out'}}" })
	void bulkIsTakenOnceWhenAnInsertOfItFails(String failure) {
		fail("{times: 1}", failure);

		long taken = submitter(Duration.ofSeconds(10)).submitAll(
				IntStream.range(0, 5000).mapToObj((i) -> new Submission(JobDocuments.job("bill", i))).iterator());

		assertThat(taken).isEqualTo(5000);
		assertThat(this.database.jobs().countDocuments()).isEqualTo(5000);
	}

	@Test
	void jobUnderACallersIdIsTakenOnceWhenItsReplyIsLost() {
		fail("{times: 1}", "{writeConcernError: {code: 64, errmsg: 'waiting for replication timed out'}}");

		submitter(Duration.ofSeconds(10)).submit(JobDocuments.jobWithId("order-7", "bill", 1));

		assertThat(this.database.jobs().countDocuments()).isOne();
	}

	@ParameterizedTest
	@ValueSource(strings = { "{closeConnection: true}",
			"{writeConcernError: {code: 64, errmsg: 'waiting for replication timed out'}}" })
	void jobWithAKeyIsNoDuplicateOfItselfWhenItsReplyIsLost(String failure) {
		Indexes.create(this.database);
		submitter(Duration.ofSeconds(10)).submit(JobDocuments.job("bill", 0));
		fail("{times: 1}", failure);

		Submitted submitted = submitter(Duration.ofSeconds(10))
			.submit(JobDocuments.job("bill", 1).append("unique_key", "k"));

		assertThat(submitted.isDuplicate()).isFalse();
		assertThat(this.database.jobs().countDocuments()).isEqualTo(2);
	}

	@Test
	void replacementWhoseReplyIsLostIsNoDuplicateOfItself() {
		Indexes.create(this.database);
		Submitted first = submitter(Duration.ofSeconds(10))
			.submit(JobDocuments.job("bill", 1).append("unique_key", "k"));
		// the driver sends an update again by itself, so two are lost
		client.getDatabase("admin")
			.runCommand(Document.parse("{configureFailPoint: 'failCommand', mode: {times: 2}, data: {"
					+ "failCommands: ['update'], writeConcernError: {code: 64, errmsg: 'timed out'}}}"));

		Submitted second = submitter(Duration.ofSeconds(10)).submit(new Submission(JobDocuments.job("bill", 2)
			.append("unique_key", "k")
			.append("created_at", Date.from(JobDocuments.NOW.plusSeconds(1))), OnDuplicate.REPLACE));

		assertThat(second).isEqualTo(new Submitted(first.id(), false));
		assertThat(this.database.jobs().find()).singleElement()
			.satisfies((stored) -> assertThat(stored).containsEntry("params", List.of(2)));
	}

	@Test
	void jobThatRanAndEndedMeanwhileIsNoReasonToSubmitItAgain() {
		AtomicInteger inserts = new AtomicInteger();
		NewJob job = NewJob.of(new Submission(JobDocuments.job("bill", 1)),
				this.database.database().getCodecRegistry().get(Document.class), 100_000);
		try (TcpProxy proxy = TcpProxy.start("127.0.1.10", server.port()); MongoClient proxied = through(inserts)) {
			JobInsert insert = new JobInsert(new TaskQueueDatabase(proxied.getDatabase("lost"), "taskqueue_",
					"crontab_jobs", Duration.ofSeconds(10)));
			proxy.cutReplyOf("insert", 1);

			insert.write(List.of(job), Duration.ofSeconds(5));
			assertThat(job.isOpen()).isTrue();
			this.database.jobs().updateOne(new Document(), Document.parse("{$set: {state: 'succeeded', params: []}}"));
			insert.write(List.of(job), Duration.ofSeconds(5));
		}

		assertThat(job.isTaken()).isTrue();
		assertThat(inserts).hasValue(2);
		assertThat(this.database.jobs().find()).singleElement()
			.satisfies((stored) -> assertThat(stored).containsEntry("state", "succeeded"));
	}

	@Test
	void saysWithinItsTimeThatItIsNotKnownWhetherTheJobExists() {
		fail("'alwaysOn'", "{closeConnection: true}");
		long start = System.nanoTime();

		assertThatExceptionOfType(TaskQueueException.class)
			.isThrownBy(() -> submitter(Duration.ofSeconds(1)).submit(JobDocuments.job("bill", 1)))
			.withMessageContaining("within 1000 ms")
			.withMessageContaining("not known whether the job exists");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
	}

	@Test
	void refusalIsToldAtOnceAndSaysThatTheJobDoesNotExist() {
		client.getDatabase("lost")
			.runCommand(Document.parse("{create: 'taskqueue_jobs', validator: {function: {$ne: 'bad'}}}"));

		assertThatExceptionOfType(TaskQueueException.class)
			.isThrownBy(() -> submitter(Duration.ofSeconds(10)).submit(JobDocuments.job("bad", 1)))
			.withMessageContaining("refused by MongoDB and does not exist")
			.withMessageContaining("validation");
		submitter(Duration.ofSeconds(10)).submit(JobDocuments.job("good", 1));
	}

	@Test
	void documentThatNoServerTakesHarmsNoOtherOfItsBatch() {
		Document deep = new Document();
		for (int i = 0; i < 250; i++) {
			deep = new Document("a", deep);
		}
		Document tooDeep = JobDocuments.job("bad", deep);

		assertThatExceptionOfType(TaskQueueException.class)
			.isThrownBy(() -> submitter(Duration.ofSeconds(10))
				.submitAll(Stream.of(JobDocuments.job("good", 1), tooDeep, JobDocuments.job("good", 2))
					.map(Submission::new)
					.iterator()))
			.withMessageContaining("function 'bad' was refused")
			.withMessageContaining("2 jobs were submitted");
		assertThat(this.database.jobs().countDocuments()).isEqualTo(2);
	}

	private Submitter submitter(Duration timeout) {
		return new Submitter(this.database, Transactions.NONE, (queue) -> {
		}, (event) -> {
		}, 1_000_000, timeout);
	}

	private static MongoClient through(AtomicInteger inserts) {
		CommandListener counting = new CommandListener() {

			@Override
			public void commandStarted(CommandStartedEvent event) {
				if (event.getCommandName().equals("insert")) {
					inserts.incrementAndGet();
				}
			}

		};
		return MongoClients.create(MongoClientSettings.builder()
			.applyConnectionString(new ConnectionString(server.uri()))
			.inetAddressResolver(TcpProxy.leadingTo("127.0.1.10"))
			.addCommandListener(counting)
			.build());
	}

	private static void fail(String mode, String failure) {
		Document data = Document.parse(failure).append("failCommands", List.of("insert"));
		client.getDatabase("admin")
			.runCommand(new Document("configureFailPoint", "failCommand")
				.append("mode", mode.startsWith("{") ? Document.parse(mode) : "alwaysOn")
				.append("data", data));
	}

}
