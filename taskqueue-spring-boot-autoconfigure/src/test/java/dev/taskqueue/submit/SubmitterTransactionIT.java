package dev.taskqueue.submit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
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
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
		this.submitter = new Submitter(this.database, this::bound, SubmitterTransactionIT::afterCommit, this.woken::add,
				(event) -> {
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
			this.submitter.submitAll(List.of(JobDocuments.job("bill", 8)).iterator());
			status.setRollbackOnly();
		});

		assertThat(this.database.jobs().countDocuments()).isZero();
		assertThat(this.woken).isEmpty();
	}

	@Test
	void bulkTakesPartInTheTransaction() {
		this.transaction.executeWithoutResult((status) -> {
			assertThat(this.submitter
				.submitAll(IntStream.range(0, 2500).mapToObj((i) -> JobDocuments.job("bill", i)).iterator()))
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

	private @Nullable MongoDatabase bound() {
		return MongoDatabaseUtils.isTransactionActive(this.factory) ? MongoDatabaseUtils.getDatabase(this.factory)
				: null;
	}

	private static void afterCommit(Runnable action) {
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCommit() {
				action.run();
			}

		});
	}

}
