package dev.taskqueue.fault;

import java.time.Duration;
import java.util.List;

import com.mongodb.client.model.Filters;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.SmallDisk;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The server's disk is full, so it ends itself; then there is room, and it is started.
 */
@Tag("slow")
@ExtendWith(OutputCaptureExtension.class)
class DiskFullIT {

	@Test
	void nothingAcknowledgedIsLostWhenTheDiskOfTheServerIsFull(CapturedOutput output) {
		try (SmallDisk disk = new SmallDisk(400);
				OwnMongoServer server = MongoServer.startOwn(disk);
				LocalNode node = LocalNode.start(server.uri(), LocalNode.IMPATIENT);
				Submitting submitting = Submitting.to(node.queue())) {
			submitting.awaitMore(200);

			disk.fill();

			await(() -> assertThat(node.isDown()).isTrue());
			await(() -> assertThat(server.isRunning()).isFalse());
			assertThat(node.health().getDetails()).containsKey("mongodb");
			disk.free();
			server.start();

			submitting.awaitMore(200);
			submitting.stop();
			List<String> acknowledged = submitting.acknowledged();
			assertThat(submitting.unexpected()).isEmpty();
			await(() -> assertThat(acknowledged).allMatch((job) -> node.functions().ends(job) > 0));
			await(() -> assertThat(node.database().jobs().countDocuments(Filters.in("state", "pending", "running")))
				.isZero());
			assertThat(node.database().jobs().countDocuments(Filters.eq("state", "succeeded")))
				.isGreaterThanOrEqualTo(acknowledged.size());
			await(() -> assertThat(node.isUp()).isTrue());
			new NodeLog(output).isQuiet();
		}
	}

	private static void await(ThrowingRunnable condition) {
		Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(condition);
	}

}
