package dev.taskqueue.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.OwnReplicaSet;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A replica set of three nodes that loses its primary while jobs are submitted and run:
 * what was acknowledged runs to its end.
 */
@Tag("outage")
@ExtendWith(OutputCaptureExtension.class)
class PrimaryLossIT {

	private static final Duration SOON = Duration.ofSeconds(60);

	@SuppressWarnings("NullAway.Init")
	private static OwnReplicaSet servers;

	private final QueueCommands commands = new QueueCommands();

	@BeforeAll
	static void start() {
		servers = MongoServer.startOwnReplicaSet();
	}

	@AfterAll
	static void stop() {
		servers.close();
	}

	@AfterEach
	void awaitAllMembers() {
		servers.awaitSecondaries();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "&w=1&readPreference=secondary&readConcernLevel=available" })
	void nothingAcknowledgedIsLostWithAKilledPrimary(String options, CapturedOutput output) {
		try (LocalNode node = LocalNode.start(servers.uri() + options, this.commands, LocalNode.IMPATIENT,
				ownDatabase())) {
			OwnMongoServer killed = servers.primary();
			List<String> acknowledged = submitDuring(node, killed::kill);
			killed.start();

			assertThatAllSucceed(node, acknowledged);
			assertThat(this.commands.writes()).as("writes that were looked at").isGreaterThan(100);
			assertThat(this.commands.reads()).as("reads that were looked at").isGreaterThan(10);
			assertThat(this.commands.weak()).isEmpty();
			assertThat(new NodeLog(output)).satisfies(NodeLog::isQuiet);
		}
	}

	@Test
	void nothingAcknowledgedIsLostWhenThePrimaryStepsDown(CapturedOutput output) {
		try (LocalNode node = LocalNode.start(servers.uri(), LocalNode.IMPATIENT, ownDatabase())) {
			List<String> acknowledged = submitDuring(node, servers::stepDown);

			assertThatAllSucceed(node, acknowledged);
			assertThat(new NodeLog(output)).satisfies(NodeLog::isQuiet);
		}
	}

	/** A node that could not say that it ended is taken for lost by the next one. */
	private static String ownDatabase() {
		return "spring.mongodb.database=" + new ObjectId();
	}

	private static List<String> submitDuring(LocalNode node, Runnable fault) {
		try (Submitting submitting = Submitting.to(node.queue())) {
			submitting.awaitMore(100);
			fault.run();
			submitting.awaitMore(200);
			submitting.stop();
			assertThat(submitting.unexpected()).isEmpty();
			assertThat(submitting.refused())
				.allSatisfy((refusal) -> assertThat(refusal).hasMessageContaining("MongoDB did not take it within"));
			return submitting.acknowledged();
		}
	}

	private static void assertThatAllSucceed(LocalNode node, List<String> acknowledged) {
		await().atMost(SOON).untilAsserted(() -> {
			Set<String> open = new HashSet<>(acknowledged);
			open.removeAll(succeeded(node));
			assertThat(open).as("of %d acknowledged jobs", acknowledged.size()).isEmpty();
		});
		assertThat(acknowledged).allMatch((job) -> node.functions().ends(job) > 0);
		await().atMost(SOON).until(node::isUp);
	}

	private static List<String> succeeded(LocalNode node) {
		return node.database()
			.jobs()
			.find(Filters.eq("state", "succeeded"))
			.projection(Projections.include("_id"))
			.map((job) -> String.valueOf(job.get("_id")))
			.into(new ArrayList<>());
	}

}
