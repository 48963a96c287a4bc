package dev.taskqueue.languages;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.fault.NodeProcess;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the programs of {@code docs/other-languages} beside a real application.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OtherLanguagesIT {

	private static final Duration LIMIT = Duration.ofSeconds(60);

	private final MongoDatabase database = MongoServer.freshDatabase();

	private final ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
		.web(WebApplicationType.NONE)
		.properties(Map.of("spring.mongodb.uri", MongoServer.uri(this.database), "spring.main.banner-mode", "off",
				"taskqueue.job.backoff.initial", "50ms"))
		.run();

	@AfterAll
	void close() {
		this.application.close();
		MongoServer.drop(this.database);
	}

	@ParameterizedTest
	@EnumSource
	void programSubmitsARowAndJobsAndReadsWhatTheyGave(Language language) {
		List<String> lines = run("submit", language.command("submit"), Map.of());

		assertThat(lines).hasSize(4);
		List<String> row = read("row (\\S+) became job (\\S+)", lines.get(0));
		List<String> mailOfRow = read("job (\\S+) succeeded: (.+)", lines.get(1));
		List<String> mail = read("job (\\S+) succeeded: (.+)", lines.get(2));
		List<String> charge = read("job (charge-\\S+) failed: (.+)", lines.get(3));
		assertThat(mailOfRow).containsExactly(row.get(1), "1 mails to ann@example.org");
		assertThat(mail.get(1)).isEqualTo("3 mails to you@example.com");
		assertThat(charge.get(1)).isEqualTo("exception: The card of order-17 was declined for 99.5");
		assertThat(find("crontab_jobs", new ObjectId(row.get(0)))).containsEntry("is_done", true)
			.containsEntry("job_id", row.get(1))
			.containsEntry("params", List.of("ann@example.org"))
			.containsKeys("dispatched_at", "last_time", "update_at")
			.doesNotContainKey("error");
		assertThat(find("taskqueue_jobs", row.get(1))).containsEntry("state", "succeeded")
			.containsEntry("result", "1 mails to ann@example.org");
		assertThat(find("taskqueue_jobs", new ObjectId(mail.get(0)))).containsEntry("state", "succeeded")
			.containsEntry("attempt", 1)
			.containsKey("delete_at");
		Document failed = find("taskqueue_jobs", charge.get(0));
		assertThat(failed).containsEntry("state", "failed").containsEntry("attempt", 1);
		assertThat(failed.get("error", Document.class)).containsEntry("type", "java.lang.IllegalStateException");
	}

	@ParameterizedTest
	@EnumSource
	void programIsToldOfEachEnd(Language language) {
		TaskQueue queue = this.application.getBean(TaskQueue.class);
		try (NodeProcess watch = start("watch", language.command("watch"), Map.of())) {
			watch.awaitLine("watching", LIMIT);

			JobHandle<Object> mail = queue.enqueue("send_mail", "you@example.com", 2);
			JobHandle<Object> charge = queue.job("charge_card", "order-18", 5).maxAttempts(1).enqueue();

			watch.awaitLine("job " + mail.id() + " succeeded: 2 mails to you@example.com", LIMIT);
			watch.awaitLine("job " + charge.id() + " failed: The card of order-18 was declined for 5.0", LIMIT);
		}
	}

	@Test
	void whatTheDocsClaimIsSeenFromPython() {
		Map<String, String> environment = Map.of("PYTHONPATH", Language.PYTHON.programs().toString());

		List<String> lines = run("claims", Language.python(resource("claims.py")), environment);

		assertThat(lines).filteredOn((line) -> line.startsWith("DIFFERS ")).isEmpty();
		assertThat(lines).filteredOn((line) -> line.startsWith("as claimed: ")).hasSizeGreaterThan(70);
	}

	private List<String> run(String name, List<String> command, Map<String, String> environment) {
		try (NodeProcess program = start(name, command, environment)) {
			int exit = program.awaitExit(LIMIT);
			List<String> lines = program.lines();
			assertThat(exit).as(() -> "its exit value after\n" + String.join("\n", lines)).isZero();
			return lines;
		}
	}

	private NodeProcess start(String name, List<String> command, Map<String, String> environment) {
		List<String> withArguments = new ArrayList<>(command);
		withArguments.add(MongoServer.uri());
		withArguments.add(this.database.getName());
		return NodeProcess.start(name, withArguments, environment);
	}

	private Document find(String collection, Object id) {
		return Objects.requireNonNull(this.database.getCollection(collection).find(Filters.eq(id)).first());
	}

	private static List<String> read(String pattern, String line) {
		Matcher matcher = Pattern.compile(pattern).matcher(line);
		assertThat(line).matches(matcher.pattern());
		assertThat(matcher.matches()).isTrue();
		return List.of(matcher.group(1), matcher.group(2));
	}

	private static Path resource(String name) {
		URL resource = Objects.requireNonNull(OtherLanguagesIT.class.getResource(name));
		try {
			return Path.of(resource.toURI());
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Functions.class)
	static class Application {

	}

}
