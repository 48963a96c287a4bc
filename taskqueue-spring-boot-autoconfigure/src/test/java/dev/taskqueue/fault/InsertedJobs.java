package dev.taskqueue.fault;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.mongodb.client.model.Filters;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import dev.taskqueue.JobHandle;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.bson.Document;

/**
 * The jobs that nodes inserted, or tried to, as they were sent.
 */
final class InsertedJobs implements CommandListener {

	private static final Duration SOON = Duration.ofSeconds(20);

	private final List<BsonDocument> jobs = new CopyOnWriteArrayList<>();

	@Override
	public void commandStarted(CommandStartedEvent event) {
		BsonDocument command = event.getCommand();
		if (event.getCommandName().equals("insert")
				&& command.getString("insert").getValue().equals("taskqueue_jobs")) {
			// a copy: the command's bytes are the driver's
			command.getArray("documents")
				.forEach((job) -> this.jobs.add(BsonDocument.parse(job.asDocument().toJson())));
		}
	}

	/** In the order in which they were sent. */
	List<String> states() {
		return this.jobs.stream().map((job) -> job.getString("state").getValue()).toList();
	}

	/** Those of rows. */
	List<BsonDocument> ofRows() {
		return this.jobs.stream().filter((job) -> job.containsKey("origin")).toList();
	}

	/**
	 * Submits jobs until one is born claimed in each of some queues, and forgets them:
	 * what a node found due is looked at once before.
	 */
	void awaitBirths(LocalNode node, String... queues) {
		for (String queue : queues) {
			Awaitility.await().atMost(SOON).until(() -> {
				JobHandle<Object> job = node.queue().job("count").queue(queue).enqueue();
				Awaitility.await().atMost(SOON).until(() -> node.functions().ends(job.id()) == 1);
				return states().get(this.jobs.size() - 1).equals("running");
			});
		}
		Awaitility.await()
			.atMost(SOON)
			.until(() -> node.database().jobs().countDocuments(Filters.in("state", "pending", "running")) == 0);
		node.database().jobs().deleteMany(new Document());
		this.jobs.clear();
	}

}
