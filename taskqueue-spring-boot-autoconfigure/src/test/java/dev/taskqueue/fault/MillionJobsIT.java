package dev.taskqueue.fault;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.testsupport.MongoServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/** A million jobs of one stream, from a program whose heap could not hold them. */
@Tag("slow")
class MillionJobsIT {

	private static final int MILLION = 1_000_000;

	private static final int HEAP_MB = 80;

	/** All of them are three times the heap. */
	private static final int BYTES = 250;

	private final MongoDatabase database = MongoServer.freshDatabase();

	@AfterEach
	void drop() {
		MongoServer.drop(this.database);
	}

	@Test
	void aMillionJobsOfAStreamNeedTheMemoryOfABatch() {
		long began = System.nanoTime();
		try (NodeProcess program = NodeProcess.start(Program.class, List.of("-Xmx" + HEAP_MB + "m"),
				"--spring.mongodb.uri=" + MongoServer.uri(this.database), "--spring.main.web-application-type=none",
				"--taskqueue.worker.enabled=false")) {

			String line = program.awaitLine("SUBMITTED", Duration.ofMinutes(5));

			assertThat(line).endsWith("SUBMITTED " + MILLION);
		}
		System.out.printf("FIGURE a million jobs by enqueueAll in %d MB, s: %d%n", HEAP_MB,
				Duration.ofNanos(System.nanoTime() - began).toSeconds());
		assertThat(this.database.getCollection("taskqueue_jobs").countDocuments()).isEqualTo(MILLION);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Program {

		public static void main(String[] args) {
			ConfigurableApplicationContext application = SpringApplication.run(Program.class, args);
			TaskQueue queue = application.getBean(TaskQueue.class);
			long submitted = queue.enqueueAll(IntStream.range(0, MILLION)
				.mapToObj((i) -> queue.job("mail", i, Character.toString('a' + i % 26).repeat(BYTES)).spec()));
			System.out.println("SUBMITTED " + submitted);
			application.close();
		}

	}

}
