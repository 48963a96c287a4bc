package dev.taskqueue.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.TaskQueue;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.testsupport.MongoServer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.data.mongodb.MongoDatabaseFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How a node comes to a point, and what must be there when its process has ended right
 * there, and when another one has gone on.
 */
final class Crash {

	private static final Duration SOON = Duration.ofSeconds(60);

	private static final String PID = "-" + ProcessHandle.current().pid() + "-";

	private final CrashPoint point;

	private final String name;

	private final List<String> properties = new ArrayList<>();

	private int pass = 1;

	private Consumer<CrashStore> given = (store) -> {
	};

	private BiConsumer<CrashStore, NodeProcess> when = (store, node) -> {
	};

	private Consumer<CrashStore> left = (store) -> {
	};

	private CrashNode.@Nullable Submits again;

	private Consumer<CrashStore> end = (store) -> {
	};

	Crash(CrashPoint point) {
		this(point, "");
	}

	Crash(CrashPoint point, String name) {
		this.point = point;
		this.name = name;
	}

	/** What is in the database before the node starts. */
	Crash given(Consumer<CrashStore> given) {
		this.given = given;
		return this;
	}

	/** Properties of the node that dies, not of the one that goes on. */
	Crash node(String... properties) {
		this.properties.addAll(Arrays.asList(properties));
		return this;
	}

	/** The node dies when it comes to the point for this time. */
	Crash pass(int pass) {
		this.pass = pass;
		return this;
	}

	/** What happens to the node after its start, if that does not bring it there. */
	Crash when(BiConsumer<CrashStore, NodeProcess> when) {
		this.when = when;
		return this;
	}

	/** What holds when the process has ended. */
	Crash leaves(Consumer<CrashStore> left) {
		this.left = left;
		return this;
	}

	/** What a submitter that was not told submits once more, at the other node. */
	Crash again(CrashNode.Submits again) {
		this.again = again;
		return this;
	}

	/** What holds when the other node has gone on. */
	Crash ends(Consumer<CrashStore> end) {
		this.end = end;
		return this;
	}

	/** Has it happen. */
	void run() {
		MongoDatabase database = MongoServer.freshDatabase();
		CrashStore store = new CrashStore(database);
		try {
			this.given.accept(store);
			crash(store);
			this.left.accept(store);
			store.letALeaseGoBy();
			goOn(store);
			assertThat(store.workers()).as("documents of workers that have ended").isEmpty();
			this.end.accept(store);
		}
		finally {
			MongoServer.drop(database);
		}
	}

	private void crash(CrashStore store) {
		List<String> arguments = arguments(store, this.properties);
		try (NodeProcess node = NodeProcess.start(CrashNode.class,
				// nearly all that it does is to start: our own classes need no
				// verification
				List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote",
						"-D" + CrashNode.POINT + "=" + this.point, "-D" + CrashNode.PASS + "=" + this.pass),
				arguments.toArray(String[]::new))) {
			this.when.accept(store, node);
			int exit = node.awaitExit(SOON);
			assertThat(exit)
				.as(() -> "exit value of a node that was to die at %s:%n%s".formatted(this,
						String.join("\n", node.lines())))
				.isEqualTo(CrashNode.CRASHED);
		}
	}

	private void goOn(CrashStore store) {
		try (ConfigurableApplicationContext survivor = new SpringApplicationBuilder(CrashNode.class)
			.run(arguments(store, List.of("taskqueue.worker.lease=2s")).toArray(String[]::new))) {
			if (this.again != null) {
				this.again.submit(survivor.getBean(TaskQueue.class), survivor.getBean(MongoDatabaseFactory.class));
			}
			Awaitility.await("the end of " + this).atMost(SOON).untilAsserted(() -> {
				assertThat(store.active()).as("jobs that have not ended").isEmpty();
				assertThat(store.workers()).as("documents of workers, of which one is ours")
					.singleElement()
					.satisfies((worker) -> assertThat(worker.getString("_id")).contains(PID));
				this.end.accept(store);
			});
		}
	}

	private static List<String> arguments(CrashStore store, List<String> properties) {
		return Stream
			.concat(Stream.of("spring.mongodb.uri=" + store.uri(), "spring.main.web-application-type=none",
					"spring.main.banner-mode=off", "taskqueue.job.max-arguments-size=15MB"), properties.stream())
			.map((property) -> "--" + property)
			.toList();
	}

	@Override
	public String toString() {
		return this.point + (this.name.isEmpty() ? "" : ", " + this.name);
	}

}
