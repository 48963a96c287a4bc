package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import com.mongodb.client.MongoDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** Jobs that are submitted in a transaction that is not MongoDB's. */
class TransactionChoiceIT {

	private final MongoDatabase raw = MongoServer.freshDatabase();

	private final TransactionTemplate transaction = new TransactionTemplate(new OtherTransactionManager());

	@AfterEach
	void drop() {
		MongoServer.drop(this.raw);
	}

	@Test
	void byDefaultTheJobIsThereAtOnceAndStaysAfterARollback() {
		try (ConfigurableApplicationContext application = start()) {
			TaskQueue queue = application.getBean(TaskQueue.class);
			List<JobHandle<Object>> waiting = new ArrayList<>();

			this.transaction.executeWithoutResult((status) -> {
				assertThat(queue.enqueue("bill", 1).find()).isPresent();
				waiting.add(queue.job("bill", 2).afterCommit().enqueue());
				assertThat(waiting.get(0).find()).isEmpty();
				status.setRollbackOnly();
			});

			assertThat(waiting.get(0).find()).isEmpty();
			assertThat(jobs(application)).isOne();
		}
	}

	@Test
	void afterTheCommitTheJobIsThereUnderItsHandle() {
		try (ConfigurableApplicationContext application = start("taskqueue.submit.transaction=after-commit")) {
			TaskQueue queue = application.getBean(TaskQueue.class);
			List<JobHandle<Object>> waiting = new ArrayList<>();

			this.transaction.executeWithoutResult((status) -> {
				waiting.add(queue.enqueue("bill", 1));
				assertThat(queue.job("bill", 2).now().enqueue().find()).isPresent();
				assertThatIllegalArgumentException().isThrownBy(() -> queue.enqueue("bill", "x".repeat(2_000_000)));
				assertThatIllegalStateException()
					.isThrownBy(() -> queue.enqueueAll(Stream.of(queue.job("bill", 3).spec())))
					.withMessageContaining("now()");
				assertThat(queue.enqueueAll(Stream.of(queue.job("bill", 4).now().spec()))).isOne();
				assertThat(jobs(application)).isEqualTo(2);
			});

			assertThat(waiting.get(0).find()).isPresent();
			assertThat(jobs(application)).isEqualTo(3);
		}
	}

	@Test
	void submitThatNobodyWaitsForIsHandedOverAfterTheCommit() {
		try (ConfigurableApplicationContext application = start("taskqueue.submit.transaction=after-commit")) {
			TaskQueue queue = application.getBean(TaskQueue.class);
			AtomicReference<CompletableFuture<JobHandle<Object>>> submit = new AtomicReference<>();

			this.transaction.executeWithoutResult((status) -> submit.set(queue.job("bill", 1).enqueueAsync()));
			assertThat(submit.get()).succeedsWithin(Duration.ofSeconds(10));

			this.transaction.executeWithoutResult((status) -> {
				submit.set(queue.job("bill", 2).enqueueAsync());
				status.setRollbackOnly();
			});
			assertThat(submit.get()).failsWithin(Duration.ofSeconds(1))
				.withThrowableOfType(ExecutionException.class)
				.withMessageContaining("was not committed");
			assertThat(jobs(application)).isOne();
		}
	}

	private ConfigurableApplicationContext start(String... properties) {
		Stream<String> all = Stream.concat(
				Stream.of("spring.mongodb.uri=" + MongoServer.uri(), "spring.mongodb.database=" + this.raw.getName(),
						"spring.main.banner-mode=off", "taskqueue.worker.enabled=false"),
				List.of(properties).stream());
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(all.toArray(String[]::new))
			.run();
	}

	private static long jobs(ConfigurableApplicationContext application) {
		return application.getBean(TaskQueueDatabase.class).jobs().countDocuments();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
