package dev.taskqueue.benchmark;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.IntStream;

import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A drain among finished jobs and jobs of later, beside the same without them.
 */
final class Crowd implements Suite {

	private static final int BATCH = 10_000;

	private final Figures ours = new Figures("taskqueue");

	@Override
	public void run(Settings settings) {
		try (Store store = new Store(settings)) {
			drain(settings, store);
			this.ours.tell("drain-alone", drain(settings, store));
			Instant now = Instant.now();
			fill(store, settings.finished(), "succeeded", now, Date.from(now.plus(Duration.ofDays(1))));
			fill(store, settings.scheduled(), "pending", now.plus(Duration.ofDays(1)), null);
			this.ours.tell("drain-in-crowd", drain(settings, store));
		}
	}

	private static double drain(Settings settings, Store store) {
		try (Node node = Node.submitting(settings)) {
			node.submitMany(settings.jobs());
		}
		Functions.expect(0);
		try (Node node = Node.working(settings)) {
			node.queue();
			Core.awaitAll(store, settings.jobs());
			return Load.perSecond(settings.jobs(), System.nanoTime() - Functions.first());
		}
	}

	private static void fill(Store store, int count, String state, Instant runAt, @Nullable Date deleteAt) {
		Date date = Date.from(runAt);
		for (int from = 0; from < count; from += BATCH) {
			store.jobs()
				.insertMany(IntStream.range(from, Math.min(count, from + BATCH))
					.mapToObj((i) -> job(i, state, date, deleteAt))
					.toList());
		}
	}

	private static Document job(int argument, String state, Date runAt, @Nullable Date deleteAt) {
		Document job = new Document("_id", new ObjectId()).append("function", "noop")
			.append("params", List.of(argument))
			.append("queue", "default")
			.append("priority", 0)
			.append("state", state)
			.append("run_at", runAt)
			.append("created_at", runAt);
		return (deleteAt != null) ? job.append("attempt", 1).append("finished_at", runAt).append("delete_at", deleteAt)
				: job;
	}

}
