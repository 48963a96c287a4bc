package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import dev.taskqueue.DuplicateJobException;
import dev.taskqueue.OnDuplicate;
import dev.taskqueue.SubmitTime;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.MongoDatabaseUtils;
import org.springframework.data.mongodb.MongoTransactionManager;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.SimpleMongoClientDatabaseFactory;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@ExtendWith(MongoServer.class)
class SubmitterTransactionIT {

	private final MongoDatabaseFactory factory;

	private final TaskQueueDatabase database;

	private final MongoTemplate orders;

	private final TransactionTemplate transaction;

	private final List<String> woken = new ArrayList<>();

	private final Submitter submitter;

	SubmitterTransactionIT(MongoClient client, MongoDatabase database) {
		this.factory = new SimpleMongoClientDatabaseFactory(client, database.getName());
		this.database = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10));
		this.orders = new MongoTemplate(this.factory);
		this.transaction = new TransactionTemplate(new MongoTransactionManager(this.factory));
		this.submitter = new Submitter(this.database, new Bound(), this.woken::add, (event) -> {
		}, 1_000_000, Duration.ofSeconds(10));
	}

	@BeforeEach
	void startEmpty() {
		this.database.database().drop();
		Indexes.create(this.database);
		this.orders.createCollection("orders");
	}

	@Test
	void jobAppearsWithTheCommitAndItsQueueIsWokenThen() {
		this.transaction.executeWithoutResult((status) -> {
			this.orders.insert(new Document("number", 7), "orders");
			this.submitter.submit(JobDocuments.job("bill", 7));

			assertThat(this.database.jobs().countDocuments()).isZero();
			assertThat(this.woken).isEmpty();
		});

		assertThat(this.database.jobs().countDocuments()).isOne();
		assertThat(this.woken).containsExactly("default");
	}

	@Test
	void jobGoesWithTheRollback() {
		this.transaction.executeWithoutResult((status) -> {
			this.submitter.submit(JobDocuments.job("bill", 7));
			this.submitter.submitAll(List.of(new Submission(JobDocuments.job("bill", 8))).iterator());
			status.setRollbackOnly();
		});

		assertThat(this.database.jobs().countDocuments()).isZero();
		assertThat(this.woken).isEmpty();
	}

	@Test
	void bulkTakesPartInTheTransaction() {
		this.transaction.executeWithoutResult((status) -> {
			assertThat(this.submitter.submitAll(
					IntStream.range(0, 2500).mapToObj((i) -> new Submission(JobDocuments.job("bill", i))).iterator()))
				.isEqualTo(2500);

			assertThat(this.database.jobs().countDocuments()).isZero();
		});

		assertThat(this.database.jobs().countDocuments()).isEqualTo(2500);
	}

	@Test
	void idThatIsTakenLeavesTheTransactionInOrder() {
		this.submitter.submit(JobDocuments.jobWithId("order-7", "bill", 7));

		this.transaction.executeWithoutResult((status) -> {
			this.orders.insert(new Document("number", 8), "orders");
			this.submitter.submit(JobDocuments.jobWithId("order-7", "bill", 7));
			assertThatIllegalArgumentException()
				.isThrownBy(() -> this.submitter.submit(JobDocuments.jobWithId("order-7", "bill", 8)))
				.withMessageContaining("'order-7'");
			this.submitter.submit(JobDocuments.jobWithId("order-8", "bill", 8));
		});

		assertThat(this.orders.getCollection("orders").countDocuments()).isOne();
		assertThat(this.database.jobs().countDocuments()).isEqualTo(2);
	}

	@Test
	void keyThatIsTakenLeavesTheTransactionInOrder() {
		Submitted first = this.submitter.submit(unique(1));

		this.transaction.executeWithoutResult((status) -> {
			this.orders.insert(new Document("number", 8), "orders");
			assertThat(this.submitter.submit(unique(2))).isEqualTo(new Submitted(first.id(), true));
			assertThatExceptionOfType(DuplicateJobException.class)
				.isThrownBy(() -> this.submitter.submit(new Submission(unique(3), OnDuplicate.THROW)));
			assertThat(this.submitter
				.submitAll(List.of(new Submission(unique(4)), new Submission(JobDocuments.job("bill", 5)),
						new Submission(unique(6), OnDuplicate.REPLACE))
					.iterator()))
				.isEqualTo(2);
		});

		assertThat(this.orders.getCollection("orders").countDocuments()).isOne();
		assertThat(this.database.jobs().find().map((job) -> job.getList("params", Integer.class).get(0)))
			.containsExactlyInAnyOrder(5, 6);
	}

	@Test
	void keyIsTakenAndFreedWithTheTransaction() {
		Submitted ended = this.submitter.submit(unique(1));
		this.database.jobs().updateOne(new Document(), Document.parse("{$set: {state: 'succeeded'}}"));

		this.transaction.executeWithoutResult((status) -> {
			assertThat(this.submitter.submit(unique(2)).isDuplicate()).isFalse();
			assertThat(this.submitter.submit(unique(3)).isDuplicate()).isTrue();
			status.setRollbackOnly();
		});

		assertThat(this.database.jobs().find()).singleElement()
			.satisfies((job) -> assertThat(job).containsEntry("_id", new ObjectId(ended.id()))
				.containsEntry("unique_key", "k"));
	}

	@Test
	void submitThatNobodyWaitsForIsRefusedInside() {
		this.transaction.executeWithoutResult((status) -> assertThatIllegalStateException()
			.isThrownBy(() -> this.submitter.submitAsync(() -> new Submission(JobDocuments.job("bill", 1)), null, true))
			.withMessageContaining("MongoDB transaction"));

		assertThat(this.database.jobs().countDocuments()).isZero();
	}

	private static Document unique(int number) {
		return JobDocuments.job("bill", number).append("unique_key", "k");
	}

	private final class Bound implements Transactions {

		@Override
		public @Nullable MongoDatabase current() {
			MongoDatabaseFactory factory = SubmitterTransactionIT.this.factory;
			return MongoDatabaseUtils.isTransactionActive(factory) ? MongoDatabaseUtils.getDatabase(factory) : null;
		}

		@Override
		public boolean isToWait(@Nullable SubmitTime time) {
			return false;
		}

		@Override
		public void afterCommit(Runnable action, Runnable otherwise) {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCommit() {
					action.run();
				}

			});
		}

	}

}
