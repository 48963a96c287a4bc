package dev.taskqueue.autoconfigure;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.AsyncJob;
import dev.taskqueue.Job;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobState;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.data.mongodb.MongoTransactionManager;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code taskqueue.mode=inline} inside of transactions of MongoDB.
 */
class InlineTransactionIT {

	private static final MongoDatabase database = MongoServer.freshDatabase();

	@SuppressWarnings("NullAway.Init")
	private static TestApplication application;

	@BeforeAll
	static void start() {
		database.createCollection("notes");
		application = TestApplication.start(database, Application.class, "taskqueue.mode=inline");
	}

	@AfterAll
	static void stop() {
		application.close();
		MongoServer.drop(database);
	}

	@Test
	void jobRunsAfterTheCommitWithATransactionOfItsOwn() {
		JobHandle<Object> job = transaction().execute((status) -> {
			JobHandle<Object> submitted = application.queue().enqueue("note", "committed");
			assertThat(submitted.find()).isEmpty();
			return submitted;
		});

		assertThat(job).isNotNull();
		assertThat(job.find()).get().extracting(Job::state).isEqualTo(JobState.SUCCEEDED);
		assertThat(database.getCollection("notes").countDocuments(new Document("text", "committed"))).isEqualTo(1);
	}

	@Test
	void jobOfATransactionThatIsRolledBackDoesNotExist() {
		JobHandle<Object> job = transaction().execute((status) -> {
			status.setRollbackOnly();
			return application.queue().enqueue("note", "rolled back");
		});

		assertThat(job).isNotNull();
		assertThat(job.find()).isEmpty();
		assertThat(database.getCollection("notes").countDocuments(new Document("text", "rolled back"))).isZero();
	}

	private static TransactionTemplate transaction() {
		return new TransactionTemplate(application.bean(PlatformTransactionManager.class));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		MongoTransactionManager transactionManager(MongoDatabaseFactory factory) {
			return new MongoTransactionManager(factory);
		}

		@Bean
		Jobs jobs(MongoTemplate mongo, PlatformTransactionManager transactions) {
			return new Jobs(mongo, new TransactionTemplate(transactions));
		}

	}

	static class Jobs {

		private final MongoTemplate mongo;

		private final TransactionTemplate transaction;

		Jobs(MongoTemplate mongo, TransactionTemplate transaction) {
			this.mongo = mongo;
			this.transaction = transaction;
		}

		@AsyncJob
		public void note(String text) {
			this.transaction.executeWithoutResult((status) -> this.mongo.insert(new Document("text", text), "notes"));
		}

	}

}
