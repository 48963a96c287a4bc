package dev.taskqueue.fault;

import java.time.Duration;
import java.util.List;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.event.CommandListener;
import dev.taskqueue.JobHandle;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A user of the database who may not write, at the start and later: it is granted, and
 * nothing is restarted.
 */
@Tag("outage")
@ExtendWith(OutputCaptureExtension.class)
class ReadOnlyUserIT {

	private final OwnMongoServer server = MongoServer.startOwn("--auth");

	@SuppressWarnings("NullAway.Init")
	private MongoClient admin;

	@BeforeEach
	void createUsers() {
		// the server lets the first user be created without a user
		try (MongoClient first = MongoClients.create(this.server.uri())) {
			first.getDatabase("admin").runCommand(user("admin", "root", "admin"));
		}
		this.admin = MongoClients.create(uri("admin"));
		this.admin.getDatabase("admin").runCommand(user("app", "read", "outages"));
	}

	@AfterEach
	void end() {
		this.admin.close();
		this.server.close();
	}

	@Test
	void nodeThatMayNotWriteSaysSoAndWorksWhenItMay(CapturedOutput output) {
		try (LocalNode node = LocalNode.begin(uri("app"), new CommandListener() {
		})) {
			await(() -> assertThat(node.isDown()).isTrue());
			assertThatSubmitsAreRefused(node);
			assertThat(node.health().getDetails()).extractingByKey("mongodb").asString().contains("not authorized");

			grant();

			assertThatJobsRun(node);
			assertThatTheLogHas(output, 2);

			revoke();
			await(() -> assertThat(node.isDown()).isTrue());
			assertThatSubmitsAreRefused(node);
			assertThat(node.health().getDetails()).extractingByKey("mongodb").asString().contains("not authorized");
			assertThat(node.endpoint().taskQueue().functions()).isNotEmpty();

			grant();

			assertThatJobsRun(node);
			assertThatTheLogHas(output, 4);
		}
	}

	private static void assertThatSubmitsAreRefused(LocalNode node) {
		assertThatExceptionOfType(TaskQueueException.class).isThrownBy(() -> node.queue().enqueue("count"))
			.withMessageContaining("'count'")
			.withMessageContaining("not authorized")
			.withMessageContaining("does not exist")
			.withMessageContaining("the role readWrite on database 'outages'");
	}

	private static void assertThatJobsRun(LocalNode node) {
		await(() -> assertThat(node.isUp()).isTrue());
		JobHandle<Object> job = node.queue().enqueue("count");
		await(() -> assertThat(node.functions().ends(job.id())).isEqualTo(1));
	}

	private static void assertThatTheLogHas(CapturedOutput output, int lines) {
		NodeLog log = new NodeLog(output);
		assertThat(log.ofOutages()).hasSize(lines);
		assertThat(log.trouble()).isEmpty();
	}

	private void grant() {
		change("grantRolesToUser");
	}

	private void revoke() {
		change("revokeRolesFromUser");
	}

	private void change(String command) {
		this.admin.getDatabase("admin")
			.runCommand(new Document(command, "app").append("roles",
					List.of(new Document("role", "readWrite").append("db", "outages"))));
	}

	private static Document user(String name, String role, String database) {
		return new Document("createUser", name).append("pwd", "secret")
			.append("roles", List.of(new Document("role", role).append("db", database)));
	}

	private String uri(String user) {
		return "mongodb://" + user + ":secret@127.0.0.1:" + this.server.port() + "/?authSource=admin";
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(condition);
	}

}
